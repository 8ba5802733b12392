using FedRec.Core.Data;
using FedRec.Core.Evaluation.Baselines.SelfAttention;
using FedRec.Core.Randomness;

namespace FedRec.Core.Tests.Evaluation.SelfAttention;

/// <summary>The order of users' items, and how it is cut for training.</summary>
public sealed class ItemSequencesTests
{
    [Fact]
    public void Of_ItemsWithTimes_GivesTheNewestLastAndEqualTimesByNumber()
    {
        var sequences = new ItemSequences(Sequences.Timed([(5, 10), (1, 30), (9, 20), (3, 20)], []));

        Assert.Equal([5, 3, 9, 1], sequences.Of(0).ToArray());
        Assert.Equal([9, 1], sequences.Newest(0, 2).ToArray());
        Assert.Equal(0, sequences.Of(1).Length);
        Assert.Equal(3, sequences.Examples);
    }

    [Fact]
    public void Ordered_WithoutTimes_IsRefused() =>
        Assert.Contains("no times", Assert.Throws<ArgumentException>(() => ItemSequences.Ordered(new UserHistory([1, 2]))).Message, StringComparison.Ordinal);

    [Fact]
    public void WithoutNewest_TakesTheLastOfThreeAndLeavesTwoAlone()
    {
        var (earlier, newest) = Sequences.Of([4, 2, 7], [5, 3]).WithoutNewest();

        Assert.Equal([4, 2], earlier.Of(0).ToArray());
        Assert.Equal([5, 3], earlier.Of(1).ToArray());
        Assert.Equal([[7], []], newest);
    }

    [Fact]
    public void Shuffled_DrawsTheOrderOfEqualTimesOnly()
    {
        var sequences = new ItemSequences(Sequences.Timed([(8, 1), (2, 2), (4, 2), (6, 2), (0, 3)]));
        var random = SeedSequence.For(1, "ties");

        int[][] drawn = [.. Enumerable.Range(0, 60).Select(_ => sequences.Shuffled(ref random).Of(0).ToArray())];

        Assert.All(drawn, items => Assert.Equal((8, 0), (items[0], items[^1])));
        Assert.All(drawn, items => Assert.Equal([2, 4, 6], items[1..4].Order()));
        Assert.Equal(6, drawn.Select(items => string.Join(',', items)).Distinct().Count()); // all orders of three
    }

    [Fact]
    public void Cut_LongAndShortSequences_ForetellsEveryItemButTheFirstOnce()
    {
        var sequences = Sequences.Of([.. Enumerable.Range(0, 23)], [1, 0], [5], [], [.. Enumerable.Range(0, 6)]);
        var random = SeedSequence.For(1, "cut");
        var starts = new HashSet<int>();
        for (var pass = 0; pass < 40; pass++)
        {
            var windows = sequences.Cut(5, ref random);

            Assert.All(windows, window => Assert.InRange(window.Length, 1, 5));
            var foretold = windows.SelectMany(window => Enumerable.Range(window.Start + 1, window.Length).Select(place => (window.User, place))).ToList();
            Assert.Equal(foretold.Count, foretold.Distinct().Count());
            Assert.Equal(sequences.Examples, foretold.Count);
            Assert.Contains(windows, window => window is { User: 4, Start: 0, Length: 5 }); // it fits: it is not cut
            starts.UnionWith(windows.Where(window => window.User == 0).Select(window => window.Start));
        }

        Assert.Equal(Enumerable.Range(0, 22), starts.Order()); // it is cut anywhere
    }
}
