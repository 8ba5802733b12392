using FedRec.Cli.Simulation;

namespace FedRec.Integration.Tests.Cli;

public sealed class SpreadTests
{
    [Fact]
    public void Of_SeveralValues_IsMeanAndSampleDeviation()
    {
        var spread = Spread.Of([1.0, 2.0, 3.0, 4.0]);

        Assert.Equal(2.5, spread.Mean, 12);
        Assert.Equal(Math.Sqrt(5.0 / 3.0), spread.Sd, 12);
    }

    [Fact]
    public void Of_OneValue_HasNoSpread() => Assert.Equal(new Spread(0.7, 0), Spread.Of([0.7]));

    [Fact]
    public void Of_Evaluations_KeepsWhatAllHaveInTheOrderOfTheTable()
    {
        Dictionary<string, double> one = new() { ["ndcg@10"] = 1, ["hr@20"] = 0, ["hr@5"] = 1, ["coverage@10"] = 1 };
        Dictionary<string, double> other = new() { ["hr@5"] = 0, ["ndcg@10"] = 3, ["hr@20"] = 0 };

        var spreads = Spread.Of([one, other]);

        Assert.Equal(["hr@5", "hr@20", "ndcg@10"], spreads.Keys);
        Assert.Equal(2, spreads["ndcg@10"].Mean);
    }
}
