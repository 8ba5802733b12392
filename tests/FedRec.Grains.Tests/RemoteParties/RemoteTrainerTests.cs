using FedRec.Contracts.Histories;
using FedRec.Core.Data.Alignment;
using FedRec.Grains.RemoteParties;

namespace FedRec.Grains.Tests.RemoteParties;

/// <summary>What came later is added to what a party has as if all of it had been read at once, and nobody who reads the earlier one sees it.</summary>
public sealed class RemoteTrainerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void With_AnyPartOfTheRows_IsAsOneThatReadThemAll_AndLeavesTheFirstAlone(int seed)
    {
        var random = new Random(seed);
        var all = Enumerable.Range(0, 400).Select(row => new HistoryChange($"u{random.Next(30)}", HistoryChangeKind.Added, $"i{random.Next(20)}") { Time = 1_700_000_000_000 + (random.Next(3) * 1_000) }).ToArray(); // some of them twice
        var cut = random.Next(all.Length);
        using var whole = new RemoteTrainer(TestFederation.Parts, all);
        using var first = new RemoteTrainer(TestFederation.Parts, all[..cut]);
        var before = (first.Fingerprint, first.Interactions, first.Report);

        using var more = first.With(all[cut..]);

        Assert.Equal((whole.Fingerprint, whole.Interactions, whole.Report), (more.Fingerprint, more.Interactions, more.Report));
        Assert.Equal(before, (first.Fingerprint, first.Interactions, first.Report));
        Assert.True(whole.Interactions < all.Length);
    }

    [Fact]
    public void With_WhereTitlesAreMatched_IsRefused()
    {
        using var trainer = new RemoteTrainer(TestFederation.Parts, [], new ItemMatching(byTitle: true, key: null));

        Assert.Throws<InvalidOperationException>(() => trainer.With([]));
    }
}
