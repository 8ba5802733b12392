using System.Globalization;
using FedRec.Cli.Comparisons;
using FedRec.Cli.Simulation;

namespace FedRec.Integration.Tests.Cli;

/// <summary>What a comparison of methods says of its numbers.</summary>
public sealed class MethodTableTests
{
    [Theory]
    [InlineData("0.10", "0.13", "0.12", "No difference is shown: one seed has no interval.")]
    [InlineData("0.10 0.10 0.10", "0.13 0.13 0.13", "0.12 0.12 0.12", "No difference is shown: the 3 seeds give no interval.")]
    [InlineData("0.10 0.14 0.09", "0.13 0.12 0.15", "0.12 0.13 0.10", "between A and pooled training no difference is shown (NDCG@10 +0.0233, 95 % interval over 3 seeds -0.07")]
    [InlineData("0.100 0.101 0.099", "0.130 0.132 0.129", "0.131 0.129 0.128", "A is better than pooled training where parties differ (NDCG@10 +0.0303")]
    [InlineData("0.100 0.101 0.099", "0.130 0.132 0.129", "0.131 0.129 0.128", "No method is shown to be the best where parties differ: between A and B no difference is shown")]
    [InlineData("0.100 0.101 0.099", "0.130 0.132 0.129", "0.110 0.111 0.110", "Best where parties differ: A is better than B where parties differ (NDCG@10 +0.0200")]
    [InlineData("0.160 0.161 0.159", "0.130 0.132 0.129", "0.110 0.111 0.110", "A is worse than pooled training where parties differ (NDCG@10 −0.0297")]
    public void Of_Seeds_ClaimsWhatTheyShowAndNoMore(string pooled, string a, string b, string expected)
    {
        var seeds = pooled.Split(' ').Length;
        var report = new MethodReport([Method("pooled", pooled), Method("A", a), Method("B", b)], 4, 0.1, seeds, "out");

        var notes = string.Join('\n', MethodTable.Of(report).Notes);

        Assert.Contains(expected, notes, StringComparison.Ordinal);
        Assert.True(seeds > 1 || !notes.Contains("Best", StringComparison.Ordinal));
    }

    private static MethodResult Method(string name, string ndcgs)
    {
        var values = ndcgs.Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        var deal = new DealResult(Spread.Of(values), Spread.Of(values), null)
        {
            NdcgBySeed = values.Select((value, i) => (value, i)).ToDictionary(one => (ulong)one.i, one => one.value),
        };
        return new MethodResult(name, deal, deal, null);
    }
}
