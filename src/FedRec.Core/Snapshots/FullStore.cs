namespace FedRec.Core.Snapshots;

/// <summary>A store without room for what it is given. That stays so until somebody makes some: trying again does not help.</summary>
/// <remarks>Said as the system says it of a disk, so that every caller understands it, also in another process.</remarks>
public static class FullStore
{
    private const int NoSpaceOnUnix = 28;
    private const int NoSpaceOnWindows = unchecked((int)0x80070070);

    /// <summary>The exception of a full store.</summary>
    /// <param name="message">Which store, for people.</param>
    public static IOException Exception(string message) => new(message, OperatingSystem.IsWindows() ? NoSpaceOnWindows : NoSpaceOnUnix);

    /// <summary>What a full store or disk said, where that is why something failed; null otherwise.</summary>
    /// <param name="failure">Of whatever kind; inner exceptions count.</param>
    public static IOException? CauseOf(Exception? failure) => failure switch
    {
        null => null,
        IOException { HResult: NoSpaceOnUnix or NoSpaceOnWindows } full => full,
        AggregateException many => many.InnerExceptions.Select(CauseOf).FirstOrDefault(full => full is not null),
        _ => CauseOf(failure.InnerException),
    };
}
