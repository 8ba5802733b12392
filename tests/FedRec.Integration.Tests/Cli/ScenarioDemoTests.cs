using System.Text.Json;
using FedRec.Cli;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

public sealed class ScenarioDemoTests
{
    [Fact]
    public async Task Demo_Bank_ComparesEachBankAndLeavesAnAuditLineForEachRecommendation()
    {
        using var folder = new TemporaryFolder();

        var run = await RunAsync(folder, "bank");

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Equal(["ease", "popularity", "alone", "centralised"], run.Json.GetProperty("evaluations").EnumerateArray().Select(e => e.GetProperty("name").GetString()));
        Assert.Equal(7, run.Json.GetProperty("comparisons").GetArrayLength()); // five banks, all of them, popularity
        var lines = await File.ReadAllLinesAsync(run.Json.GetProperty("auditFile").GetString()!);
        var offers = run.Json.GetProperty("recommendations").EnumerateArray().ToList();
        Assert.Equal(offers.Select(offer => offer.GetProperty("item").GetString()), lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("item").GetString()));
        Assert.All(offers, offer => Assert.Contains("Eligible: ", offer.GetProperty("why").GetString(), StringComparison.Ordinal));
        Assert.Empty(run.Json.GetProperty("urls").EnumerateObject()); // --once closes the page
        Assert.Contains("round 1/1  clients 5/5", run.Error, StringComparison.Ordinal); // counts have no loss
    }

    [Fact]
    public async Task Demo_BankWhoseAuditTrailCannotBeWritten_ShowsNothingAndSaysWhatToDo()
    {
        using var folder = new TemporaryFolder();
        var trail = Directory.CreateDirectory(Path.Combine(folder.Path, "home", "audit-demo-bank.jsonl")).FullName;

        var run = await RunAsync(folder, "bank");

        Assert.Equal((ExitCode.Failed, ""), (run.ExitCode, run.Out));
        Assert.Contains("audit trail of federation demo-bank cannot be written", run.Error, StringComparison.Ordinal);
        Assert.Contains(trail, run.Error, StringComparison.Ordinal);
        Assert.Contains("FEDREC_DATA_HOME", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Demo_Clinic_SaysThatItIsNoMedicalAdvice()
    {
        using var folder = new TemporaryFolder();

        var run = await RunAsync(folder, "clinic");

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.StartsWith("Not medical advice", run.Json.GetProperty("banner").GetString(), StringComparison.Ordinal);
        Assert.Contains("Not medical advice", run.Error, StringComparison.Ordinal);
        Assert.Equal(3, run.Json.GetProperty("recommendations").GetArrayLength());
    }

    [Fact]
    public async Task Demo_UnknownScenario_IsAUsageError()
    {
        using var folder = new TemporaryFolder();

        var run = await RunAsync(folder, "casino");

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains("one of movies, shop, clinic, bank, news", run.Error, StringComparison.Ordinal);
    }

    private static Task<CommandRun> RunAsync(TemporaryFolder folder, string scenario) =>
        CommandRun.OfAsync(folder.Path, "demo", "--scenario", scenario, "--once", "--storage", "memory", "--port", "0", "--format", "json");
}
