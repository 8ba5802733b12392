namespace FedRec.Grains.Tests.Recommendations;

/// <summary>The system's time, of which some can be skipped. Timers are those of the system.</summary>
internal sealed class SkippingTime : TimeProvider
{
    private long _skipped;

    /// <summary>Whether timers of a second and more never end: what waits goes on because of something that happens.</summary>
    public bool HoldsTimers { get; set; }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, HoldsTimers && dueTime >= TimeSpan.FromSeconds(1) ? Timeout.InfiniteTimeSpan : dueTime, period);

    public void Skip(TimeSpan time) => Interlocked.Add(ref _skipped, (long)(time.TotalSeconds * TimestampFrequency));

    public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _skipped);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromSeconds((double)Interlocked.Read(ref _skipped) / TimestampFrequency);
}
