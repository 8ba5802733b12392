namespace FedRec.Grains.Rounds;

/// <summary>Asks many in waves: thousands of questions in one turn would stand before all else that the silo's threads are to do, lists that users wait for among them.</summary>
internal static class Waves
{
    /// <summary>How many are asked at once.</summary>
    public const int Size = 256;

    /// <summary>How long a wave holds the next one up, so that a silo that hangs keeps none of the others from being asked.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(100);

    /// <summary>Asks all; done when all have answered.</summary>
    /// <param name="all">Whom to ask.</param>
    /// <param name="ask">Asks one; does not fail.</param>
    /// <param name="time">The clock of <see cref="Longest"/>.</param>
    public static async Task AskAsync(IEnumerable<int> all, Func<int, Task> ask, TimeProvider time)
    {
        var asked = new List<Task>();
        foreach (var wave in all.Chunk(Size))
        {
            var answers = Task.WhenAll(wave.Select(ask));
            asked.Add(answers);
            if (wave.Length == Size)
            {
                using var end = new CancellationTokenSource();
                await Task.WhenAny(answers, Task.Delay(Longest, time, end.Token));
                await end.CancelAsync(); // of the timer
            }
        }

        await Task.WhenAll(asked);
    }
}
