using System.Globalization;
using System.Text.Json;
using FedRec.Cli;
using FedRec.Core.Snapshots;

namespace FedRec.Integration.Tests.Cli;

public sealed class SimulateTests(SimulateFixture simulation) : IClassFixture<SimulateFixture>
{
    private JsonElement Report => simulation.Report;

    private string RunFolder => Report.GetProperty("runFolder").GetString()!;

    [Fact]
    public void Simulate_ToTheEnd_PrintsOneObjectAndProgressApart()
    {
        Assert.Equal((ExitCode.Ok, ExitCode.Ok), (simulation.First.ExitCode, simulation.Second.ExitCode));
        Assert.Contains("mf seed 5  round 4/4", simulation.First.Error, StringComparison.Ordinal);
        string[] promised =
        [
            "data", "protocol", "metrics", "baselines", "rounds", "participants", "dropped", "late", "trainSeconds", "clientTrainingsPerSecond",
            "bytesUp", "bytesDown", "bytesPerIdleClient", "peakMemoryBytes", "model", "runFolder",
        ];
        Assert.All(promised, field => Assert.True(Report.TryGetProperty(field, out _), field));
    }

    [Fact]
    public void Simulate_OfSyntheticData_ReportsItsSizeAndEveryRound()
    {
        Assert.Equal((60, 40), (Report.GetProperty("data").GetProperty("users").GetInt32(), Report.GetProperty("data").GetProperty("items").GetInt32()));
        Assert.Equal(8, Report.GetProperty("rounds").GetInt32());
        var (participants, dropped, late) = (Report.GetProperty("participants").GetInt32(), Report.GetProperty("dropped").GetInt32(), Report.GetProperty("late").GetInt32());
        Assert.Equal(8 * 20, participants + dropped + late);
        Assert.True(dropped > 0 && late > 0, $"{dropped} dropped, {late} late");
    }

    [Fact]
    public void Simulate_WithSeveralSeeds_ReportsTheMeanOfItsRuns()
    {
        var each = Report.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("metrics").GetProperty("hr@10").GetDouble()).ToList();
        var spread = Report.GetProperty("metrics").GetProperty("hr@10");

        Assert.Equal(["5", "6"], Report.GetProperty("seeds").EnumerateArray().Select(s => s.ToString()));
        Assert.Equal(each.Average(), spread.GetProperty("mean").GetDouble(), 12);
        Assert.Equal(Math.Abs(each[0] - each[1]) / Math.Sqrt(2), spread.GetProperty("sd").GetDouble(), 12);
    }

    [Fact]
    public void Simulate_WithAllBaselines_HasThemUnderTheSameMetrics()
    {
        var baselines = Report.GetProperty("baselines").EnumerateObject().ToDictionary(b => b.Name, b => b.Value.EnumerateObject().Select(m => m.Name).ToList());

        Assert.Equal(["ials", "item-knn", "popularity"], baselines.Keys.Order(StringComparer.Ordinal));
        Assert.All(baselines.Values, names => Assert.Equal(Report.GetProperty("metrics").EnumerateObject().Select(m => m.Name), names));
    }

    [Fact]
    public void Simulate_Again_GivesTheSameModelAndTheSameRecommendations()
    {
        var other = simulation.Second.Json;

        Assert.Equal(Report.GetProperty("model").GetProperty("sha256").GetString(), other.GetProperty("model").GetProperty("sha256").GetString());
        Assert.Equal(File.ReadAllText(Path.Combine(RunFolder, "recs.tsv")), File.ReadAllText(Path.Combine(other.GetProperty("runFolder").GetString()!, "recs.tsv")));
    }

    [Fact]
    public void RunFolder_OfSeveralSeeds_HoldsEachRunAndTheReportedModel()
    {
        string[] files = ["catalogue.json", "config.resolved.json", "env.json", "manifest.json", "metrics.csv", "metrics.jsonl", "recs.tsv", "summary.json", "tensors.safetensors"];
        var tensors = File.ReadAllBytes(Path.Combine(RunFolder, "tensors.safetensors"));

        Assert.Equal(files, Directory.EnumerateFiles(RunFolder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(["seed-5", "seed-6"], Directory.EnumerateDirectories(RunFolder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(Report.GetProperty("model").GetProperty("sha256").GetString(), Safetensors.Sha256(tensors));
        Assert.Equal((40, 8), Safetensors.Read(tensors).Layout.Blocks.Select(b => (b.Rows, b.Columns)).First());
    }

    [Fact]
    public void RunFolder_Recommendations_AreRankedAndNeverRepeatAnItem()
    {
        var rows = File.ReadLines(Path.Combine(RunFolder, "recs.tsv")).Skip(1).Select(line => line.Split('\t')).ToList();

        Assert.Equal(60 * 3, rows.Count);
        Assert.All(rows.GroupBy(r => r[0]), user =>
        {
            Assert.Equal(["1", "2", "3"], user.Select(r => r[1]));
            Assert.Equal(3, user.Select(r => r[2]).Distinct().Count());
            var scores = user.Select(r => float.Parse(r[3], CultureInfo.InvariantCulture)).ToList();
            Assert.Equal(scores.OrderDescending(), scores);
        });
    }

    [Fact]
    public void RunFolder_Metrics_HaveALineForEachRoundAndOneForTheTest()
    {
        var lines = File.ReadLines(Path.Combine(RunFolder, "metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var csv = File.ReadAllLines(Path.Combine(RunFolder, "metrics.csv"));

        Assert.Equal(8, lines.Count(l => l.GetProperty("kind").GetString() == "round"));
        Assert.Equal(2, lines.Count(l => l.GetProperty("kind").GetString() == "test"));
        Assert.Equal(1 + 8, csv.Length);
        Assert.StartsWith("5,1,Committed,20,", csv[1], StringComparison.Ordinal);
    }

    [Fact]
    public void RunFolder_Configuration_ShowsRequestsAndTheOriginOfEverySetting()
    {
        var configuration = JsonDocument.Parse(File.ReadAllText(Path.Combine(RunFolder, "config.resolved.json"))).RootElement;

        Assert.Equal([5UL, 6UL], configuration.GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("request").GetProperty("seed").GetUInt64()));
        Assert.Equal("default", configuration.GetProperty("settings").GetProperty("FedRec:Silo:SiloPort").GetProperty("origin").GetString());
    }
}
