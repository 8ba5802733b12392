using System.Collections.Immutable;
using FedRec.Core.Privacy.SecureAggregation;

namespace FedRec.Core.Tests.Privacy.SecureAggregation;

/// <summary>Who has masks in common with whom.</summary>
public sealed class NeighbourGraphTests
{
    [Theory]
    [InlineData(3, 3)]
    [InlineData(4, 3)]
    [InlineData(10, 7)]
    [InlineData(20, 14)]
    [InlineData(50, 34)]
    [InlineData(100, 67)]
    public void Graph_OfUpTo100Clients_IsCompleteWithAThresholdOfMoreThanTwoThirds(int clients, int threshold)
    {
        var graph = new NeighbourGraph(Numbers(clients), default);

        Assert.Equal((clients - 1, threshold, threshold), (graph.Degree, graph.Threshold, graph.Quorum));
        Assert.All(Numbers(clients), number => Assert.Equal(Numbers(clients).AsEnumerable(), graph.HoldersOf(number)));
    }

    // Bell et al. 2020: degrees and thresholds that were calculated for 200, 1,000 and 10,000 clients; between them those of the next larger.
    [Theory]
    [InlineData(101, GraphStrength.OneInTwenty, 28, 15)]
    [InlineData(200, GraphStrength.OneInTwenty, 28, 15)]
    [InlineData(201, GraphStrength.OneInTwenty, 36, 19)]
    [InlineData(1_000, GraphStrength.OneInTen, 76, 39)]
    [InlineData(1_001, GraphStrength.OneInTen, 94, 48)]
    [InlineData(300, GraphStrength.OneInFive, 174, 88)]
    [InlineData(10_000, GraphStrength.OneInFive, 232, 117)]
    public void Graph_OfMoreClients_IsRegularAndBothSidesKnowEachOther(int clients, GraphStrength strength, int degree, int threshold)
    {
        var graph = new NeighbourGraph(Numbers(clients), new byte[32], strength);

        Assert.Equal((degree, threshold, (2 * clients / 3) + 1), (graph.Degree, graph.Threshold, graph.Quorum));
        foreach (var number in Numbers(clients).Where((_, i) => i % (1 + (clients / 100)) == 0))
        {
            var holders = graph.HoldersOf(number);
            Assert.Equal(holders.Order().Distinct(), holders);
            Assert.Equal(degree + 1, holders.Length);
            Assert.Contains(number, holders);
            Assert.All(holders, holder => Assert.Contains(number, graph.HoldersOf(holder)));
        }
    }

    [Fact]
    public void Graph_OfTheSameRandomness_IsTheSameForEverybodyAndAnotherOtherwise()
    {
        var random = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        int[] Holders(byte[] randomness) => [.. new NeighbourGraph(Numbers(150), randomness).HoldersOf(7)];

        Assert.Equal(Holders(random), Holders([.. random]));
        Assert.NotEqual(Holders(random), Holders([.. random.Reverse()]));
    }

    // Nobody can be put beside a chosen victim: over many draws all are its neighbours about as often.
    [Fact]
    public void Graph_OfManyDraws_MakesEverybodyANeighbourEquallyOften()
    {
        const int Draws = 600;
        var counts = Enumerable.Range(0, Draws)
            .SelectMany(draw => new NeighbourGraph(Numbers(101), [.. BitConverter.GetBytes(draw), .. new byte[28]], GraphStrength.OneInTwenty).HoldersOf(4))
            .CountBy(number => number).ToDictionary();

        Assert.Equal(Draws, counts[4]);
        Assert.All(Numbers(101).Remove(4), number => Assert.InRange(counts[number], 168 - 55, 168 + 55)); // 600 · 28/100, five standard deviations of 11
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(10_001)]
    public void Graph_OfTooFewOrTooMany_IsRefused(int clients) => Assert.Throws<ArgumentException>(() => new NeighbourGraph(Numbers(clients), new byte[32]));

    [Fact]
    public void Graph_OfMoreThan100WithoutRandomness_IsRefused() => Assert.Throws<ArgumentException>(() => new NeighbourGraph(Numbers(101), default));

    private static ImmutableArray<int> Numbers(int clients) => [.. Enumerable.Range(0, clients).Select(i => (3 * i) + 1)];
}
