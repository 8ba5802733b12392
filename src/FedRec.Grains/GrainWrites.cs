namespace FedRec.Grains;

/// <summary>How grains read and write their state.</summary>
internal static class GrainWrites
{
    /// <summary>Writes the state, to the end even if the caller has gone; after a failure the activation is dropped.</summary>
    public static Task WriteOrDeactivateAsync<T>(this IPersistentState<T> saved, IGrainBase grain) =>
        OrDeactivateAsync(grain, () => saved.WriteStateAsync(CancellationToken.None));

    /// <summary>Does something with the store; after a failure the activation is dropped.</summary>
    /// <remarks>After a failed write memory may be ahead of storage, or the other way round: the next call reads it again.</remarks>
    public static async Task OrDeactivateAsync(IGrainBase grain, Func<Task> access)
    {
        try
        {
            await access();
        }
        catch
        {
            grain.DeactivateOnIdle();
            throw;
        }
    }
}
