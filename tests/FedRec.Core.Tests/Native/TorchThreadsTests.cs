using FedRec.Core.Learners.ShallowAutoencoders;
using static TorchSharp.torch;

namespace FedRec.Core.Tests.Native;

/// <summary>What a thread computes does not depend on when it first met torch.</summary>
[Collection(nameof(TorchCollection))]
public sealed class TorchThreadsTests
{
    private const int Items = 700;

    [Fact]
    public async Task Threads_ThatMeetTorchWhileEaseSolves_AddUpAsTheOthers()
    {
        var expected = Sum();
        using var done = new CancellationTokenSource();
        using var begun = new SemaphoreSlim(0);
        var solving = Task.Factory.StartNew(() => Solve(begun, done.Token), TaskCreationOptions.LongRunning);
        await begun.WaitAsync();
        var sums = new List<float>();
        for (var i = 0; i < 40; i++)
        {
            var thread = new Thread(() => sums.Add(Sum()));
            thread.Start();
            thread.Join();
        }

        await done.CancelAsync();
        await solving;

        Assert.All(sums, sum => Assert.Equal(expected, sum));
    }

    private static void Solve(SemaphoreSlim begun, CancellationToken done)
    {
        var penalties = Enumerable.Repeat(1.0, Items).ToArray();
        for (var first = true; !done.IsCancellationRequested; first = false)
        {
            _ = DenseWeights.Solve(new float[Items * (Items + 1) / 2], 1, penalties, isKept: false);
            _ = first ? begun.Release() : 0;
        }
    }

    // More numbers than one thread of several would add alone.
    private static float Sum()
    {
        using var scope = NewDisposeScope();
        return randn(1_000_000, generator: new Generator(1)).sum().item<float>();
    }
}
