namespace FedRec.Grains.Runs;

/// <summary>When a run is kept, so that a crash costs little and keeping costs little.</summary>
/// <remarks>After every so many rounds where the request says so. Otherwise whenever the rounds since have taken <see cref="Share"/> times as long as keeping the run last took, and
/// at the latest <see cref="Longest"/> after that: keeping takes at most a thirty-third of a run's time, and of slow rounds every one is kept. A crash repeats what was done since.</remarks>
/// <param name="every">Rounds between two checkpoints; 0 to decide by time.</param>
/// <param name="time">The clock.</param>
internal sealed class CheckpointPolicy(int every, TimeProvider time)
{
    /// <summary>How many times as long as keeping a run its rounds take before it is kept again.</summary>
    public const int Share = 32;

    /// <summary>Longest time between two checkpoints, but for the round that is under way then.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private long _at = time.GetTimestamp();
    private TimeSpan _cost; // unknown before the first, which is made after the first round

    /// <summary>Whether a round that was committed now is to be kept.</summary>
    public bool IsDue(int round) => every > 0 ? round % every == 0
        : time.GetElapsedTime(_at) is var elapsed && (elapsed >= Longest || elapsed >= _cost * Share);

    /// <summary>Notes that the run was kept now.</summary>
    /// <param name="started">When that began, as a timestamp.</param>
    public void Kept(long started)
    {
        _cost = time.GetElapsedTime(started);
        _at = time.GetTimestamp();
    }
}
