using FedRec.Cli;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

public sealed class DataAlignTests : IDisposable
{
    private const string Salt = "zyxwvutsrqponmlkjihgfedcba543210";
    private readonly TemporaryFolder _folder = new();

    public DataAlignTests()
    {
        File.WriteAllText(Path.Combine(_folder.Path, "salt"), Salt);
        Write("north", "user,item\nann,A-1\nann,b2\n");
        Write("south", "user,item\nann,a1\nann,c3\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Align_OnIds_ReportsTheOverlapAndNeverTheSalt()
    {
        var json = await RunAsync("json", "--out", "one");
        var table = await RunAsync("table", "--out", "two");

        Assert.Equal((ExitCode.Ok, ExitCode.Ok), (json.ExitCode, table.ExitCode));
        Assert.Equal((1, 1, 3), (json.Json.GetProperty("shared").GetInt32(), json.Json.GetProperty("sharedByAll").GetInt32(), json.Json.GetProperty("items").GetInt32()));
        Assert.Equal(1, json.Json.GetProperty("pairs")[0].GetProperty("items").GetInt32());
        Assert.DoesNotContain(Salt, json.Out + json.Error + table.Out + table.Error, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllText(Path.Combine(_folder.Path, "one", "north", "interactions.csv")), File.ReadAllText(Path.Combine(_folder.Path, "two", "north", "interactions.csv")));
    }

    [Fact]
    public async Task Align_WithAShortSalt_SaysHowToMakeOne()
    {
        File.WriteAllText(Path.Combine(_folder.Path, "salt"), "short");

        var run = await RunAsync("json", "--out", "one");

        Assert.NotEqual(ExitCode.Ok, run.ExitCode);
        Assert.Contains("openssl rand", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "one")));
    }

    [Fact]
    public async Task Align_TwoItemsOfOnePartyWithOneHash_CountsThemAndMergesNone()
    {
        Write("south", "user,item\nann,a1\nann,A 1\nann,b2\n");

        var json = await RunAsync("json", "--out", "one");
        var table = await RunAsync("table", "--out", "two");

        var south = json.Json.GetProperty("parties")[1];
        Assert.Equal([2, 2, 1], new[] { "collisions", "unmatched", "matched" }.Select(count => south.GetProperty(count).GetInt32()));
        Assert.Equal((1, 4), (json.Json.GetProperty("shared").GetInt32(), json.Json.GetProperty("items").GetInt32()));
        Assert.Matches("south[ │]+3[ │]+1[ │]+2[ │]+2 ", table.Out);
    }

    [Fact]
    public async Task Align_DisjointCatalogues_KeepsThemWithANoteOrRefusesToDropThemAll()
    {
        Write("south", "user,item\nann,x\nann,y\n");

        var kept = await RunAsync("table", "--out", "one");
        var dropped = await RunAsync("table", "--out", "two", "--unmatched", "drop");

        Assert.Equal((ExitCode.Ok, ExitCode.Failed), (kept.ExitCode, dropped.ExitCode));
        Assert.Contains("Nothing is shared", kept.Out, StringComparison.Ordinal);
        Assert.Contains("No two parties share an item", dropped.Error, StringComparison.Ordinal);
        Assert.Contains("next: Keep unmatched items", dropped.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "two")));
    }

    private Task<CommandRun> RunAsync(string format, params string[] more) =>
        CommandRun.OfAsync(_folder.Path, ["data", "align", "shops", "--on", "id", "--salt-file", "salt", "--format", format, .. more]);

    private void Write(string party, string rows)
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "shops", party));
        File.WriteAllText(Path.Combine(_folder.Path, "shops", party, "interactions.csv"), rows);
    }
}
