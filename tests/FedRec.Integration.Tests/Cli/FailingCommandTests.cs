using System.Net;
using System.Net.Sockets;
using FedRec.Cli;
using FedRec.Hosting;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

public sealed class FailingCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Simulate_WithABadRow_NamesFileAndLine()
    {
        var file = Path.Combine(_folder.Path, "shop.csv");
        await File.WriteAllTextAsync(file, "user,item\nann,bread\nann\nbob,milk\n");

        var run = await CommandRun.OfAsync(_folder.Path, "simulate", "--data", "shop.csv", "--storage", "memory");

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains($"{file}, line 3", run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_folder.Path, "runs")));
    }

    [Fact]
    public async Task Inspect_OfAFileWithoutInteractions_SaysWhatAFileMustHave()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "letter.txt"), "Dear reader,\n");

        var run = await CommandRun.OfAsync(_folder.Path, "data", "inspect", "letter.txt");

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("letter.txt, line 1", run.Error, StringComparison.Ordinal);
        Assert.Contains("user,item", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--key-file", "pseudonymize", "shop.csv", "--key-file", "absent.txt", "--out", "hashed.csv")]
    [InlineData("--salt-file", "align", ".", "--salt-file", "absent.txt", "--out", "aligned")]
    [InlineData("--schema", "inspect", "shop.csv", "--schema", "absent.json")]
    public async Task Data_WithAnAbsentFile_NamesTheOptionThatWantsIt(string option, params string[] arguments)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "shop.csv"), "user,item\nann,bread\nbob,milk\n");

        var run = await CommandRun.OfAsync(_folder.Path, ["data", .. arguments]);

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains(Path.Combine(_folder.Path, "absent."), run.Error, StringComparison.Ordinal);
        Assert.Contains($"next: Give {option}", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_WithAnUnknownKey_DoesNothingAndNamesTheOneThatWasMeant()
    {
        var run = await CommandRun.OfAsync(_folder.Path, "simulate", "--storage", "memory", "--set", "Web.Prot=1");

        Assert.Equal(ExitCode.BadConfiguration, run.ExitCode);
        Assert.Contains("FedRec:Web:Port", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "runs")));
    }

    [Fact]
    public async Task Demo_OnATakenPort_NamesThePortAndTheOption()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var run = await CommandRun.OfAsync(_folder.Path, "demo", "--once", "--storage", "memory", "--port", $"{port}");

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains($"Port {port} is taken", run.Error, StringComparison.Ordinal);
        Assert.Contains("--port", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_WithoutNode_NamesTheThreeWaysOut()
    {
        var run = await CommandRun.OfAsync(_folder.Path, new Dictionary<string, string> { ["PATH"] = _folder.Path }, "model", "list");

        Assert.Equal(ExitCode.StoreUnreachable, run.ExitCode);
        Assert.All(new[] { "Install Node.js", "ConnectionString", "--storage memory" }, way => Assert.Contains(way, run.Error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Command_WithAStoreThatDoesNotAnswer_SaysWhichAndShowsNoSecret()
    {
        var port = FreePorts.Find(1)[0];
        var connection = $"DefaultEndpointsProtocol=http;AccountName=acme;AccountKey=c2VjcmV0;BlobEndpoint=http://127.0.0.1:{port}/acme;";

        var run = await CommandRun.OfAsync(_folder.Path, new Dictionary<string, string> { ["FEDREC__Storage__ConnectionString"] = connection }, "model", "list");

        Assert.Equal(ExitCode.StoreUnreachable, run.ExitCode);
        Assert.Contains($"127.0.0.1:{port}", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Simulate_WithTooFewUpdates_ExitsWithQuorumNotMet()
    {
        var run = await CommandRun.OfAsync(_folder.Path,
            "simulate", "--clients", "30", "--items", "20", "--rounds", "9", "--dropout", "0.95", "--quorum", "1", "--deadline", "200ms", "--storage", "memory", "--baselines", "none");

        Assert.Equal(ExitCode.QuorumNotMet, run.ExitCode);
        Assert.Contains("--quorum", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10", "mf", "1e8", "lower --server-lr (it is 1E+08)")]
    [InlineData("3", "ncf", "1e8", "lower --server-lr (it is 1E+08) or --learning-rate (it is 1000)")]
    [InlineData("6", "ncf", "1e6", "lower --server-lr (it is 1E+06) or --learning-rate (it is 1000)")]
    public async Task Simulate_ThatDiverges_SaysSoOnceAndWhatToLower(string rounds, string learner, string rate, string next)
    {
        string[] rates = ["--server-lr", rate, .. learner == "ncf" ? ["--learning-rate", "1000"] : Array.Empty<string>()];

        var run = await CommandRun.OfAsync(_folder.Path,
            ["simulate", "-q", "--clients", "30", "--items", "20", "--rounds", rounds, "--learner", learner, "--storage", "memory", "--baselines", "none", .. rates]);

        Assert.Equal((ExitCode.Diverged, ""), (run.ExitCode, run.Out));
        Assert.Contains("training diverged: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(next, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Split('\n'), line => line.Contains("updates", StringComparison.Ordinal));
        Assert.DoesNotContain("--deadline", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Simulate_WhenCancelled_StopsInOrder()
    {
        using var cancel = new CancellationTokenSource();
        using var output = new StringWriter();
        using var error = new CancellingWriter(cancel, "round 2/");
        string[] line = ["simulate", "--clients", "30", "--items", "20", "--rounds", "100000", "--storage", "memory"];

        var code = await CliApp.RunAsync(line, CommandRun.Terminal(_folder.Path, output, error), cancel.Token);

        Assert.Equal((ExitCode.Cancelled, ""), (code, output.ToString()));
        Assert.EndsWith("Cancelled." + Environment.NewLine, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Simulate_IntoAPlaceThatIsAFile_TrainsNothing()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "results"), "mine");

        var run = await CommandRun.OfAsync(_folder.Path, "simulate", "--storage", "memory", "--out", "results");

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.DoesNotContain("round 1", run.Error, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(Path.Combine(_folder.Path, "results")));
    }

    /// <summary>Cancels when a text is written: the command is then surely in the middle of its work.</summary>
    private sealed class CancellingWriter(CancellationTokenSource cancel, string text) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value?.Contains(text, StringComparison.Ordinal) == true)
            {
                cancel.Cancel();
            }
        }
    }
}
