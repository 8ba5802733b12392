using System.Globalization;
using FedRec.Cli;
using FedRec.Cli.Sweeps;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

public sealed class SweepFileTests : IDisposable
{
    private static readonly string[] s_options = ["dims", "objective", "server-lr"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_Grid_HasEveryCombinationOnce()
    {
        var plan = Read("""{"grid": {"dims": [8, 16], "objective": ["least-squares", "logistic"]}, "seeds": 3, "metric": "hr@10"}""");

        Assert.Equal(
            ["dims=8 objective=least-squares", "dims=8 objective=logistic", "dims=16 objective=least-squares", "dims=16 objective=logistic"], plan.Points.Select(point => point.Label));
        Assert.Equal((3, "hr@10"), (plan.Seeds, plan.Metric));
    }

    [Fact]
    public void Read_SeveralGrids_TriesOneAfterTheOther() =>
        Assert.Equal(["dims=8", "server-lr=0.01"], Read("""{"grid": [{"dims": [8]}, {"server-lr": [0.01]}]}""").Points.Select(point => point.Label));

    [Fact]
    public void Read_Random_DrawsInsideTheSpaceAndTheSameAgain()
    {
        const string text = """{"random": {"trials": 200, "seed": 7, "space": {"server-lr": {"min": 0.001, "max": 1, "log": true}, "dims": {"min": 2, "max": 4, "whole": true}, "objective": ["a", "b"]}}}""";

        var points = Read(text).Points;

        Assert.Equal(points.Select(point => point.Label), Read(text).Points.Select(point => point.Label));
        Assert.Equal(["2", "3", "4"], points.Select(point => point.Options["dims"]).Distinct().Order());
        Assert.Equal(["a", "b"], points.Select(point => point.Options["objective"]).Distinct().Order());
        var rates = points.Select(point => double.Parse(point.Options["server-lr"], CultureInfo.InvariantCulture)).ToList();
        Assert.All(rates, rate => Assert.InRange(rate, 0.001, 1));
        Assert.InRange(rates.Count(rate => rate < Math.Sqrt(0.001)), 70, 130); // by logarithm: half below the middle power of ten
    }

    [Fact]
    public void Read_MoreTrials_OnlyAddsPoints()
    {
        Assert.Equal(Labels(5), Labels(20)[..5]);

        string[] Labels(int trials) =>
            [.. Read("""{"random": {"trials": N, "space": {"server-lr": {"min": 0, "max": 1}, "dims": [1, 2, 3]}}}""".Replace("N", $"{trials}", StringComparison.Ordinal)).Points.Select(point => point.Label)];
    }

    [Theory]
    [InlineData("""{"grid": {"dimz": [8]}}""", "Did you mean dims?")]
    [InlineData("""{"grit": {"dims": [8]}}""", "Did you mean grid?")]
    [InlineData("""{"grid": {"dims": [8]}, "random": {}}""", "either a grid or a random search")]
    [InlineData("""{"seeds": 2}""", "either a grid or a random search")]
    [InlineData("""{"grid": {"dims": 8}}""", "must be a list")]
    [InlineData("""{"grid": {"dims": [[8]]}}""", "neither a number nor a text")]
    [InlineData("""{"grid": {"dims": []}}""", "no points")]
    [InlineData("""{"grid": {"dims": [8]}, "seeds": 0}""", "from 1 to 1000")]
    [InlineData("""{"random": {"trials": 3}}""", "trials and a space")]
    [InlineData("""{"random": {"trials": 3, "space": {"dims": {"min": 5, "max": 2}}}}""", "min below max")]
    [InlineData("""{"random": {"trials": 3, "space": {"dims": {"min": 0, "max": 2, "log": true}}}}""", "min above 0")]
    [InlineData("""{"random": {"trials": 3, "space": {"dims": {"min": 0, "max": 2, "log": 1}}}}""", "true or false")]
    [InlineData("""{"grid": """, "sweep.json")]
    public void Read_WhatIsNoSweep_SaysWhatIsWrong(string text, string expected)
    {
        var error = Assert.Throws<CliException>(() => Read(text));

        Assert.Equal(ExitCode.Usage, error.ExitCode);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private SweepPlan Read(string text)
    {
        var file = Path.Combine(_folder.Path, "sweep.json");
        File.WriteAllText(file, text);
        return SweepFile.Read(file, s_options);
    }
}
