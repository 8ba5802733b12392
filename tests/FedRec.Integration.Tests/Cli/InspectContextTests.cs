using FedRec.Cli;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

public sealed class InspectContextTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public InspectContextTests()
    {
        Write("films.csv", "user,item\nann,1\nann,2\nbob,1\nbob,3\n");
        Write("books.csv", "user,item\nann,1\nann,1\nann,7\ncem,7\n,7\neve,9\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Inspect_WithContextData_ShowsWhatItJoined()
    {
        var table = await InspectAsync("--context-data", "books.csv");
        var json = await InspectAsync("--context-data", "books.csv", "--format", "json");

        Assert.Equal((ExitCode.Ok, ExitCode.Ok), (table.ExitCode, json.ExitCode));
        Assert.Matches("of these, items of another domain[ │]+3 ", table.Out);
        Assert.Matches("of these, interactions with them[ │]+4 ", table.Out);
        Assert.Matches("users of the other domain whom the data knows / does not[ │]+1 / 2 ", table.Out);
        Assert.Matches("rows of the other domain read / merged / refused[ │]+6 / 1 / 1 ", table.Out);
        Assert.Matches(@"refused: .*books\.csv, line 6: the user is missing", table.Out);
        Assert.Matches("rows read[ │]+4 ", table.Out);
        var context = json.Json.GetProperty("report").GetProperty("context");
        Assert.Equal([3, 4, 1, 2], new[] { "items", "interactions", "sharedUsers", "newUsers" }.Select(name => context.GetProperty(name).GetInt32()));
        Assert.Equal((6, 8, 4), (json.Json.GetProperty("items").GetInt32(), json.Json.GetProperty("interactions").GetInt32(), json.Json.GetProperty("users").GetInt32()));
    }

    [Fact]
    public async Task Inspect_WithoutContextData_SaysNothingOfAnotherDomain() =>
        Assert.DoesNotContain("another domain", (await InspectAsync()).Out, StringComparison.Ordinal);

    [Theory]
    [InlineData("nowhere.csv", "nowhere.csv")]
    [InlineData("strangers.csv", "strangers.csv: No user of the data is in the context data")]
    [InlineData("books.csv --scenario shop", "leave out --context-data")]
    public async Task Inspect_ContextDataThatCannotBeJoined_SaysWhy(string line, string expected)
    {
        Write("strangers.csv", "user,item\nzoe,1\n");

        var run = await InspectAsync(["--context-data", .. line.Split(' ')]);

        Assert.NotEqual(ExitCode.Ok, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    private Task<CommandRun> InspectAsync(params string[] more) => CommandRun.OfAsync(_folder.Path, ["data", "inspect", "films.csv", .. more]);

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_folder.Path, name), content);
}
