using System.Runtime.InteropServices;

namespace FedRec.Grains.Training;

/// <summary>Lets whatever else has something to do go before a thread that computes for long: requests wait for a list, and nobody for a round a moment later.</summary>
/// <remarks>An idle machine loses nothing by it. Where there is no lower priority to be had, times are worse, and nothing else is.</remarks>
internal static class LowPriority
{
    private const int Steps = 10; // a tenth of the weight of a thread that has not taken them

    /// <summary>Takes it for the calling thread, to its end.</summary>
    public static void Take()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Nice(Steps); // Linux keeps the value for each thread; POSIX, and macOS with it, for the process alone
        }
        else
        {
            Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
        }
    }

    [DllImport("libc", EntryPoint = "nice")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Nice(int steps);
}
