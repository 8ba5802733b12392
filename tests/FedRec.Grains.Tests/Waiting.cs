using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace FedRec.Grains.Tests;

/// <summary>Waits that end: what never comes to be so fails its test, with its name, instead of keeping all of them.</summary>
internal static class Waiting
{
    /// <summary>Longer than anything that is waited for takes, on a busy machine too.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Waits until something is so that nobody tells of.</summary>
    public static async Task UntilAsync(Func<Task<bool>> isSo, [CallerArgumentExpression(nameof(isSo))] string what = "")
    {
        for (var since = Stopwatch.GetTimestamp(); !await isSo(); await Task.Delay(s_pause))
        {
            if (Stopwatch.GetElapsedTime(since) > Limit)
            {
                throw new TimeoutException($"After {Limit.TotalMinutes} minutes it is not so: {what}");
            }
        }
    }

    /// <inheritdoc cref="UntilAsync(Func{Task{bool}}, string)"/>
    public static Task UntilAsync(Func<bool> isSo, [CallerArgumentExpression(nameof(isSo))] string what = "") => UntilAsync(() => Task.FromResult(isSo()), what);
}
