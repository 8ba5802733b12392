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

        Assert.Equal(ExitCode.Failed, run.ExitCode); // the store is opened, so that all trials are as they should be
    }

    private static double Mean(JsonElement method, string deal) => method.GetProperty(deal).GetProperty("ndcg").GetProperty("mean").GetDouble();

    private Task<CommandRun> RunAsync(params string[] more)
    {
        string[] parties = more.Contains("--parties") ? [] : ["--parties", "4"];
        return CommandRun.OfAsync(_folder.Path, ["compare", "--clients", "60", "--items", "40", "--rounds", "3", "--dims", "6", "--storage", "memory", "--out", "out", .. parties, .. more]);
    }
}
