using System.Runtime.InteropServices;

namespace FedRec.Cli.Serving;

/// <summary>The time that a load is sent by.</summary>
internal interface ILoadClock
{
    /// <summary>Time since some moment of the past; never goes back.</summary>
    TimeSpan Now { get; }

    /// <summary>Returns at a moment, or at once where that has passed.</summary>
    void WaitUntil(TimeSpan moment);
}

/// <summary>The machine's clock. Waits to within microseconds, with little work of the processor that the server needs.</summary>
/// <remarks><see cref="Thread.Sleep(int)"/> counts milliseconds, which at 500 requests a second is half of the time between two: every second request would be
/// late, or a processor busy with waiting. The system's own sleep counts nanoseconds and is about 60 µs late, which is left for a short spin.</remarks>
internal sealed class LoadClock : ILoadClock
{
    private static readonly TimeSpan s_slack = TimeSpan.FromMicroseconds(80);
    private readonly long _start = TimeProvider.System.GetTimestamp();

    /// <inheritdoc/>
    public TimeSpan Now => TimeProvider.System.GetElapsedTime(_start);

    /// <inheritdoc/>
    public void WaitUntil(TimeSpan moment)
    {
        for (var left = moment - Now; left > s_slack; left = moment - Now)
        {
            Sleep(left - s_slack);
        }

        while (Now < moment)
        {
            Thread.SpinWait(20);
        }
    }

    private static void Sleep(TimeSpan time)
    {
        if (OperatingSystem.IsWindows())
        {
            Thread.Sleep(time.Milliseconds > 1 ? time - TimeSpan.FromMilliseconds(1) : TimeSpan.Zero);
            return;
        }

        var request = new TimeSpec((nint)time.TotalSeconds, (nint)(time.Ticks % TimeSpan.TicksPerSecond * 100));
        _ = NanoSleep(in request, 0); // cut short by a signal, it is begun again by the caller
    }

    [DllImport("libc", EntryPoint = "nanosleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NanoSleep(in TimeSpec request, nint remaining);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct TimeSpec(nint Seconds, nint Nanoseconds);
}
