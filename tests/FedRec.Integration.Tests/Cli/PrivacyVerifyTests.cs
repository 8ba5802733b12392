using System.Text.Json.Nodes;
using FedRec.Cli;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

/// <summary>A ledger is verified where it is stored and, from a file, by a process that has no store; a file that was changed is found out, and nothing is overwritten.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class PrivacyVerifyTests(AzuriteFixture azurite) : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _elsewhere = new();

    public void Dispose()
    {
        _folder.Dispose();
        _elsewhere.Dispose();
    }

    [Fact]
    public async Task Ledger_OfAPrivateRun_IsVerifiedHereAndElsewhere()
    {
        var trained = await RunAsync("simulate", "--clients", "60", "--items", "30", "--learner", "pca", "--epsilon", "4", "--federation", "shop", "--recs", "0", "--baselines", "none");
        Assert.True(trained.ExitCode == ExitCode.Ok, trained.Error);
        var shown = (await RunAsync("privacy", "ledger", "show", "--format", "json")).Json;

        var here = await RunAsync("privacy", "ledger", "verify", "--format", "json");
        var export = await RunAsync("privacy", "ledger", "export", "ledger.json", "--federation", "shop");
        var again = await RunAsync("privacy", "ledger", "export", "ledger.json", "--federation", "shop");

        Assert.Equal((ExitCode.Ok, ExitCode.Ok, ExitCode.Failed), (here.ExitCode, export.ExitCode, again.ExitCode));
        Assert.Contains("ledger.json is there already", again.Error, StringComparison.Ordinal);
        Assert.True(here.Json.GetProperty("fits").GetBoolean());
        Assert.Equal(["chain", "counts", "run-1", "run-1", "version 1"], here.Json.GetProperty("findings").EnumerateArray().Select(finding => finding.GetProperty("what").GetString()));
        var head = shown.GetProperty("head").GetString()!;
        Assert.Equal(head, here.Json.GetProperty("head").GetString());

        var text = await File.ReadAllTextAsync(Path.Combine(_folder.Path, "ledger.json"));
        Assert.Equal(here.Json.GetProperty("findings").GetRawText(), (await ElsewhereAsync(text)).Json.GetProperty("findings").GetRawText());
        Assert.Equal(ExitCode.Ok, (await ElsewhereAsync(text, "--head", head)).ExitCode);
        Assert.Equal(ExitCode.Failed, (await ElsewhereAsync(text, "--head", new string('0', 64))).ExitCode);

        var changed = JsonNode.Parse(text)!;
        changed["charges"]![0]!["noiseMultiplier"] = 99;
        var found = await ElsewhereAsync(changed.ToJsonString());
        Assert.Equal((ExitCode.Failed, false), (found.ExitCode, found.Json.GetProperty("fits").GetBoolean()));
        var (right, wrong) = (await RunAsync("privacy", "ledger", "verify"), await CommandRun.OfAsync(_elsewhere.Path, "privacy", "ledger", "verify", "--file", "evidence.json"));
        Assert.Contains("keep it where the operator cannot write", right.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("keep it", wrong.Out, StringComparison.Ordinal); // nobody is told to rely on a head that does not fit
    }

    [Theory]
    [InlineData(null, "cannot be read")]
    [InlineData("", "is no exported ledger")]
    [InlineData("null", "is no exported ledger")]
    [InlineData("""{"format": "fedrec-privacy-ledger-1"}""", "is no exported ledger")]
    [InlineData("""{"format": "fedrec-privacy-ledger-2", "federation": "shop", "head": "", "accounts": [], "before": {"head": "", "accounts": []}, "charges": [], "runs": [], "versions": []}""", "fedrec-privacy-ledger-2")]
    [InlineData("""{"federation": "shop", "head": "", "accounts": [null], "before": {"head": "", "accounts": []}, "charges": [], "runs": [], "versions": []}""", "is no exported ledger")]
    [InlineData("""{"federation": "shop", "head": "", "accounts": [], "before": null, "charges": [], "runs": [], "versions": []}""", "is no exported ledger")]
    [InlineData("""{"federation": "shop", "head": "", "accounts": [], "before": {"head": "", "accounts": []}, "charges": [{"runId": "run-1", "round": 1, "name": "", "rate": 7, "noiseMultiplier": 0}], "runs": [], "versions": []}""", "is no exported ledger")]
    public async Task File_ThatIsNoLedger_IsRefusedByName(string? text, string reason)
    {
        var run = await ElsewhereAsync(text);

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains(reason, run.Error, StringComparison.Ordinal);
        Assert.Contains("export", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_BesideAStore_IsRefused()
    {
        var run = await RunAsync("privacy", "ledger", "verify", "--file", "ledger.json", "--federation", "shop");

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains("--federation", run.Error, StringComparison.Ordinal);
    }

    private async Task<CommandRun> ElsewhereAsync(string? text, params string[] more)
    {
        var path = Path.Combine(_elsewhere.Path, "evidence.json");
        if (text is not null)
        {
            await File.WriteAllTextAsync(path, text);
        }

        return await CommandRun.OfAsync(_elsewhere.Path, ["privacy", "ledger", "verify", "--file", "evidence.json", "--format", "json", .. more]);
    }

    private Task<CommandRun> RunAsync(params string[] line) => CommandRun.OfAsync(_folder.Path, azurite.Variables(_folder), line);
}
