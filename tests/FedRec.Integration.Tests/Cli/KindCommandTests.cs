using FedRec.Cli;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

/// <summary>Two parties make pseudonyms of the same people, and look at what they hold together.</summary>
public sealed class KindCommandTests : IDisposable
{
    private const string Secret = "correct horse battery staple, and then some more of it";
    private readonly TemporaryFolder _folder = new();

    public KindCommandTests()
    {
        Write("key.txt", Secret);
        Write("orders.csv", "customer,sku,date,event\nann@example.org,a,2024-01-02,buy\nann@example.org,b,2024-01-03,buy\nbob@example.org,a,2024-01-02,buy\n");
        Write("log.csv", "visitor,item,ts,action\nann@example.org,c,1,pv\nann@example.org,a,2,addtocart\neve@example.org,a,3,pv\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Pseudonymize_AtTwoParties_LetsInspectCountWhomBothKnowAndShowsNoId()
    {
        var shop = await CommandRun.OfAsync(_folder.Path, "data", "pseudonymize", "orders.csv", "--key-file", "key.txt", "--out", "parties/shop/interactions.csv");
        var site = await CommandRun.OfAsync(_folder.Path, "data", "pseudonymize", "log.csv", "--key-file", "key.txt", "--out", "parties/site/interactions.csv");
        var inspect = await CommandRun.OfAsync(_folder.Path, "data", "inspect", "parties");

        Assert.Equal((ExitCode.Ok, ExitCode.Ok, ExitCode.Ok), (shop.ExitCode, site.ExitCode, inspect.ExitCode));
        Assert.Matches("people whom several parties know[ │]+1 ", inspect.Out);
        Assert.Matches(@"events of kind purchase \(interactions; weight 1\)[ │]+3 \(3\)", inspect.Out);
        Assert.Matches(@"events of kind view \(interactions; weight 0.25\)[ │]+2 \(2\)", inspect.Out);
        foreach (var text in new[] { shop.Out, site.Out, inspect.Out, await File.ReadAllTextAsync(Path.Combine(_folder.Path, "parties", "shop", "interactions.csv")) })
        {
            Assert.DoesNotContain("example.org", text, StringComparison.Ordinal);
            Assert.DoesNotContain("correct horse", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Pseudonymize_ShortKey_SaysHowToMakeOneAndNotWhatItWas()
    {
        Write("key.txt", "hunter2");

        var run = await CommandRun.OfAsync(_folder.Path, "data", "pseudonymize", "orders.csv", "--key-file", "key.txt", "--out", "out.csv");

        Assert.NotEqual(ExitCode.Ok, run.ExitCode);
        Assert.Contains("openssl rand -hex 32", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", run.Error + run.Out, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_folder.Path, "out.csv")));
    }

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_folder.Path, name), content);
}
