namespace FedRec.Grains.Tests.Runs;

/// <summary>The system's time, in which nobody pauses for longer than a hundredth of a second: what waits for seconds, once. Timers of more than ten seconds, and those that come again and again, are as they were.</summary>
/// <remarks>Time that a test lets pass itself counts only for timers that were made before; who can't know when one is made should let nothing depend on it.</remarks>
internal sealed class QuickPauses : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, period == Timeout.InfiniteTimeSpan && dueTime >= TimeSpan.FromSeconds(1) && dueTime <= TimeSpan.FromSeconds(10) ? TimeSpan.FromMilliseconds(10) : dueTime, period);
}
