using System.CommandLine;
using FedRec.Cli;
using FedRec.Cli.Commands;
using FedRec.Cli.Hosting;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

/// <summary>While nobody has to say who they are, the web front end serves this machine only, unless somebody asks for more by hand.</summary>
public sealed class LoopbackTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("*")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("192.0.2.7")]
    [InlineData("2001:db8::7")]
    public async Task Demo_ThatOthersCouldReach_IsRefusedWithTheReason(string host)
    {
        var run = await CommandRun.OfAsync(_folder.Path, "demo", "--once", "--storage", "memory", "--set", $"Web.Host={host}");

        Assert.Equal(ExitCode.BadConfiguration, run.ExitCode);
        Assert.Contains($"FedRec:Web:Host is '{host}': every machine that reaches this one could", run.Error, StringComparison.Ordinal);
        Assert.Contains("--insecure-no-auth", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "home"))); // nothing was started
    }

    [Fact]
    public async Task Demo_UnderAName_IsToldWhereNamesBelong()
    {
        var run = await CommandRun.OfAsync(_folder.Path, "demo", "--once", "--storage", "memory", "--insecure-no-auth", "--set", "Web.Host=fedrec.example");

        Assert.Equal(ExitCode.BadConfiguration, run.ExitCode);
        Assert.Contains("it must be localhost, an address of this machine, or *", run.Error, StringComparison.Ordinal);
        Assert.Contains("FedRec:Web:Names", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("127.9.9.9")]
    [InlineData("::1")]
    public void Loopback_IsServedWithoutAWord(string host) => Assert.Equal("", Required(insecure: false, $"Web.Host={host}"));

    // What it passes on comes from this machine, whoever has sent it.
    [Fact]
    public void Loopback_BehindAProxy_IsToldWhoMustAsk()
    {
        Assert.Contains("for fedrec.example is answered as if it came from here", Required(insecure: false, "Web.Names=fedrec.example"), StringComparison.Ordinal);
        Assert.Equal("", Required(insecure: false, "Web.Names=fedrec.example", "Web.RequireKey=true"));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("0.0.0.0")]
    public void Demo_AskedForByHand_WarnsAtEveryStart(string host)
    {
        var warning = $"WARNING: the page and the API listen on {host} without authentication (--insecure-no-auth)";

        Assert.StartsWith(warning, Required(insecure: true, $"Web.Host={host}"), StringComparison.Ordinal);
        Assert.StartsWith(warning, Required(insecure: true, $"Web.Host={host}"), StringComparison.Ordinal);
    }

    [Fact]
    public void OtherMachines_WithAKey_AreServedWithAWordOnEncryption() => Assert.Contains(
        "without encryption: whoever sees the traffic learns the key", Required(insecure: false, "Web.Host=*", "Web.ApiKey=0123456789abcdef"), StringComparison.Ordinal);

    [Fact]
    public async Task Key_ThatIsTooShort_IsRefusedWithoutShowingIt()
    {
        var run = await CommandRun.OfAsync(_folder.Path, "serve", "--set", "Web.ApiKey=short-secret");

        Assert.Equal(ExitCode.BadConfiguration, run.ExitCode);
        Assert.Contains("FedRec:Web:ApiKey is not usable", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("short-secret", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Demo_AskedForByHand_ServesAndWarnsEvenIfQuiet()
    {
        var rows = string.Concat(Enumerable.Range(0, 60).Select(i => $"u{i / 6},i{((i * 7) + (i / 6)) % 13},{1_700_000_000 + i}\n"));
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "shop.csv"), "user,item,timestamp\n" + rows);

        var run = await CommandRun.OfAsync(_folder.Path, "demo", "-q", "--once", "--storage", "memory", "--port", "0", "--data", "shop.csv", "--insecure-no-auth", "--set", "Web.Host=*");

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Single(run.Error.Split('\n'), line => line.StartsWith("WARNING: the page and the API listen on * without authentication", StringComparison.Ordinal));
    }

    [Fact]
    public async Task DataRoot_ThatIsNotThere_IsRefusedBeforeAnythingStarts()
    {
        var run = await CommandRun.OfAsync(_folder.Path, "demo", "--once", "--storage", "memory", "--set", "Web.DataRoot=nowhere");

        Assert.Equal(ExitCode.BadConfiguration, run.ExitCode);
        Assert.Contains("FedRec:Web:DataRoot is 'nowhere', which is no folder", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "home")));
    }

    private string Required(bool insecure, params string[] settings)
    {
        using var error = new StringWriter();
        var root = new RootCommand();
        foreach (var option in CommonOptions.All)
        {
            root.Add(option);
        }

        var context = new CommandContext(CommandRun.Terminal(_folder.Path, error: error), root.Parse([.. settings.SelectMany(setting => new[] { "--set", setting })]));
        WebFrontEnd.RequireLoopback(context, insecure);
        return error.ToString();
    }
}
