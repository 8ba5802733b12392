using System.Text.Json;
using FedRec.Cli;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

public sealed class CompareTests : IDisposable
{
    private static readonly string[] s_methods = ["pooled", "FedAvg", "FedProx", "SCAFFOLD", "FedOpt", "FedOpt, fine-tune", "FedOpt, additive", "FedOpt, interpolate", "FedOpt, clusters"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Compare_ToTheEnd_ShowsEveryMethodOnBothDealsAndRepeatsNoTrial()
    {
        var first = await RunAsync("--format", "json", "--seeds", "2", "--personal-steps", "2");
        var again = await RunAsync("--format", "csv", "--seeds", "2", "--personal-steps", "2");

        Assert.Equal((ExitCode.Ok, ExitCode.Ok), (first.ExitCode, again.ExitCode));
        var methods = first.Json.GetProperty("methods").EnumerateArray().ToList();
        Assert.Equal(s_methods, methods.Select(method => method.GetProperty("name").GetString()));
        Assert.All(methods, method => Assert.All(new[] { "alike", "skewed" }, deal => Assert.InRange(Mean(method, deal), 0, 1)));
        Assert.Equal(Mean(methods[0], "alike"), Mean(methods[0], "skewed")); // one place knows no parties
        Assert.All(methods.Skip(1), method => Assert.NotEqual(Mean(method, "alike"), Mean(method, "skewed")));
        Assert.Equal(1 - (Mean(methods[1], "skewed") / Mean(methods[1], "alike")), methods[1].GetProperty("loss").GetDouble(), 12);
        Assert.Equal(17, Directory.GetDirectories(Path.Combine(_folder.Path, "out", "trials")).Length);
        Assert.Equal(17, again.Error.Split('\n').Count(line => line.Contains("was run before", StringComparison.Ordinal)));
        Assert.Equal(File.ReadAllText(Path.Combine(_folder.Path, "out", "compare.csv")), again.Out);
    }

    [Theory]
    [InlineData("--parties 1", "at least 2 --parties")]
    [InlineData("--party-alpha 0", "a --party-alpha above 0")]
    [InlineData("--personalize additive", "no --personalize")]
    [InlineData("--objective least-squares", "use logistic or bpr")]
    [InlineData("--learner nf", "no learner 'nf'")]
    public async Task Compare_AsItCannotBe_IsRefusedBeforeAnythingIsTrained(string options, string expected)
    {
        var run = await RunAsync(options.Split(' '));

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "out")));
    }

    [Theory]
    [InlineData("--server-lr-schedule cosine")] // which SCAFFOLD cannot have
    [InlineData("--server-optimizer yogi --server-beta1 0.8")] // nor the mean of FedAvg
    [InlineData("--server-optimizer sgd --server-momentum 0.5")]
    [InlineData("--weighting loss")]
    public async Task Compare_WithOptionsThatNotEveryMethodHas_GivesThemToThoseThatDo(string options)
    {
        var nowhere = new Dictionary<string, string> { ["FEDREC_DATA_HOME"] = Path.Combine(_folder.Path, "file", "home") };
        File.WriteAllText(Path.Combine(_folder.Path, "file"), "");

        var run = await CommandRun.OfAsync(_folder.Path, nowhere, ["compare", "--clients", "60", "--parties", "4", .. options.Split(' ')]);

        Assert.Equal(ExitCode.StoreUnreachable, run.ExitCode); // the store is opened, so that all trials are as they should be
    }

    [Fact]
    public async Task Compare_Modes_ShowsWhatWaitingCostsAndRepeatsNoTrial()
    {
        string[] line = ["compare", "--modes", "--clients", "60", "--items", "40", "--rounds", "4", "--cohort", "20", "--dims", "6", "--objective", "bpr", "--storage", "memory", "--out", "modes", "--format"];
        var first = await CommandRun.OfAsync(_folder.Path, [.. line, "json"]);
        var again = await CommandRun.OfAsync(_folder.Path, [.. line, "csv"]);

        Assert.True(first.ExitCode == ExitCode.Ok, first.Error);
        var modes = first.Json.GetProperty("modes").EnumerateArray().ToDictionary(mode => mode.GetProperty("name").GetString()!);
        double Number(string mode, string name) => modes[mode].GetProperty(name).GetDouble();
        Assert.Equal(["synchronous", "over-selected", "asynchronous", "hierarchical", "gossip, ring", "gossip, random"], modes.Keys);
        Assert.All(modes.Values, mode => Assert.InRange(mode.GetProperty("ndcg").GetProperty("mean").GetDouble(), 0, 1));
        Assert.Equal(4 * 60, Number("synchronous", "seconds"), 6); // every round waits for its deadline, of a minute
        Assert.True(Number("asynchronous", "seconds") < Number("synchronous", "seconds"));
        Assert.Equal(56, Number("asynchronous", "updates")); // 70 % of the cohort are in time
        Assert.InRange(Number("over-selected", "seconds"), 1, 3.9 * 60);
        Assert.Equal((Number("synchronous", "updates"), Number("synchronous", "bytesUp"), modes["synchronous"].GetProperty("ndcg").ToString()), (Number("hierarchical", "updates"), Number("hierarchical", "bytesUp"), modes["hierarchical"].GetProperty("ndcg").ToString()));
        Assert.Equal(0, Number("gossip, ring", "bytesToServer"));
        Assert.True(Number("gossip, random", "bytesUp") > Number("gossip, ring", "bytesUp"));
        Assert.Equal(6, again.Error.Split('\n').Count(text => text.Contains("was run before", StringComparison.Ordinal)));
        Assert.Equal(File.ReadAllText(Path.Combine(_folder.Path, "modes", "compare.csv")), again.Out);
    }

    [Theory]
    [InlineData("--mode async", "no --mode")]
    [InlineData("--regions 2", "no --regions")]
    [InlineData("--learner ease", "ease")]
    public async Task Compare_ModesAsTheyCannotBe_IsRefused(string options, string expected)
    {
        var run = await CommandRun.OfAsync(_folder.Path, ["compare", "--modes", "--clients", "60", "--storage", "memory", "--out", "modes", .. options.Split(' ')]);

        Assert.NotEqual(ExitCode.Ok, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    private static double Mean(JsonElement method, string deal) => method.GetProperty(deal).GetProperty("ndcg").GetProperty("mean").GetDouble();

    private Task<CommandRun> RunAsync(params string[] more)
    {
        string[] parties = more.Contains("--parties") ? [] : ["--parties", "4"];
        return CommandRun.OfAsync(_folder.Path, ["compare", "--clients", "60", "--items", "40", "--rounds", "3", "--dims", "6", "--storage", "memory", "--out", "out", .. parties, .. more]);
    }
}
