namespace FedRec.Grains;

/// <summary>How grains write their state.</summary>
internal static class GrainWrites
{
    /// <summary>Writes the state, to the end even if the caller has gone; after a failure the activation is dropped.</summary>
    /// <remarks>After a failed write memory may be ahead of storage, or the other way round: the next call reads it again.</remarks>
    public static async Task WriteOrDeactivateAsync<T>(this IPersistentState<T> saved, IGrainBase grain)
    {
        try
        {
            await saved.WriteStateAsync(CancellationToken.None);
        }
        catch
        {
            grain.DeactivateOnIdle();
            throw;
        }
    }
}
