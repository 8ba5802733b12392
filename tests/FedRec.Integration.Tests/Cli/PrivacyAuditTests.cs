using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using FedRec.Cli;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

/// <summary>An audit from the command line: its answer, its files, and what it cannot look at.</summary>
public sealed class PrivacyAuditTests : IDisposable
{
    private const string Small = "--clients 40 --items 60 --dims 4 --rounds 3 --seeds 1 --canaries 20 --out audit --format json";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Audit_OfAFederation_AnswersAndLeavesAPageThatNeedsNothingElse()
    {
        var run = await RunAsync($"{Small} --aggregator secure-mean");
        var (json, page) = (run.Json, File.ReadAllText(Path.Combine(_folder.Path, "audit", "audit.html")));

        Assert.Equal(5, json.GetProperty("itemSets").GetArrayLength());
        Assert.Equal(6, json.GetProperty("membership").GetArrayLength());
        Assert.All(json.GetProperty("tampering").EnumerateArray().SkipLast(1), finding => Assert.True(finding.GetProperty("isDetected").GetBoolean()));
        Assert.Contains("users.csv", json.GetProperty("notDone").GetProperty("attributes").GetString(), StringComparison.Ordinal); // made-up users have none
        Assert.Equal("Infinity", json.GetProperty("canaries")[0].GetProperty("claimed").GetString());
        Assert.Equal(json.ToString(), JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder.Path, "audit", "audit.json"))).RootElement.ToString());

        var document = XDocument.Parse(page); // every element is closed and every sign escaped
        Assert.Equal(5, document.Descendants().Count(element => element.Name.LocalName == "svg"));
        Assert.DoesNotContain(document.Descendants(), element => element.Name.LocalName is "script" or "link" or "img");
        Assert.DoesNotContain("://", page, StringComparison.Ordinal);
        Assert.All(document.Descendants("polyline").SelectMany(line => line.Attribute("points")!.Value.Split(' ', ',')), number => Assert.InRange(double.Parse(number, CultureInfo.InvariantCulture), 0, 420));
    }

    [Fact]
    public async Task Audit_OfAPrivateRun_ShowsTheClaimBesideTheBound()
    {
        var canaries = (await RunAsync($"{Small} --clip-norm 0.5 --epsilon 2 --delta 0.001 --probes canaries")).Json.GetProperty("canaries")[0];

        Assert.InRange(canaries.GetProperty("claimed").GetDouble(), 1.9, 2);
        Assert.InRange(canaries.GetProperty("lowerBound").GetDouble(), 0, 2);
    }

    [Fact]
    public async Task Audit_OfALearnerThatSendsStatistics_SaysWhyThereAreNoCanaries()
    {
        var json = (await RunAsync("--learner ease --clients 40 --items 60 --seeds 1 --out audit --format json --probes item-sets,canaries")).Json;

        Assert.Contains("cannot be clipped", json.GetProperty("notDone").GetProperty("canaries").GetString(), StringComparison.Ordinal);
        Assert.Equal(5, json.GetProperty("itemSets").GetArrayLength());
    }

    [Theory]
    [InlineData("--probes canary", ExitCode.Usage, "item-sets, membership, attributes, canaries, tampering")]
    [InlineData("--canaries 5", ExitCode.Usage, "a whole number from 10")]
    [InlineData("--users 5", ExitCode.Usage, "a whole number from 20")]
    [InlineData("--aggregator median", ExitCode.Usage, "mean, secure-mean")]
    [InlineData("--epsilon 2", ExitCode.Usage, "--clip-norm")]
    [InlineData("--clients 10", ExitCode.Failed, "An audit needs 20 users with 6 training items each")]
    public async Task Audit_AsItCannotBe_SaysWhatIsAllowed(string options, int code, string expected)
    {
        var run = await CommandRun.OfAsync(_folder.Path, ["privacy", "audit", .. options.Split(' ')]);

        Assert.Equal(code, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    private async Task<CommandRun> RunAsync(string options)
    {
        var run = await CommandRun.OfAsync(_folder.Path, ["privacy", "audit", .. options.Split(' ')]);
        Assert.True(run.ExitCode == ExitCode.Ok, run.Error);
        return run;
    }
}
