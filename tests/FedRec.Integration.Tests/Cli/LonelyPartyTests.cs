using System.Globalization;
using System.Text.Json;
using FedRec.Cli;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

/// <summary>Parties that hold almost nothing, or nothing like the others: runs end in order, and every number is one.</summary>
public sealed class LonelyPartyTests : IDisposable
{
    private const string Schema = """{"columns":[{"name":"x","kind":"numeric"},{"name":"shop","kind":"party"},{"name":"y","kind":"label",LABEL}]}""";
    private const string Binary = "\"task\":\"binary\",\"values\":[\"no\",\"yes\"]";
    private const string Multiclass = "\"task\":\"multiclass\",\"values\":[\"no\",\"perhaps\",\"yes\"]";
    private const string Regression = "\"task\":\"regression\",\"range\":[0,9]";
    private readonly TemporaryFolder _folder = new();

    private string Out => Path.Combine(_folder.Path, "out");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Binary)]
    [InlineData(Multiclass)]
    public async Task Simulate_APartyWithASingleClass_HasFiniteMetrics(string label)
    {
        var run = await TableAsync(label, Enumerable.Range(0, 60).Select(row => row % 3 == 0 ? $"{row},A,yes" : $"{row},B,{(row % 2 == 0 ? "no" : "yes")}"));

        Assert.Equal(2, run.GetProperty("data").GetProperty("clients").GetInt32());
        Assert.True(run.GetProperty("metrics").TryGetProperty("auc", out _));
    }

    [Theory]
    [InlineData(Binary)]
    [InlineData(Multiclass)]
    public async Task Simulate_ASingleClassAtAll_HasNoAucAndFiniteMetrics(string label)
    {
        var run = await TableAsync(label, Enumerable.Range(0, 40).Select(row => $"{row},{(row % 2 == 0 ? "A" : "B")},yes"));

        Assert.False(run.GetProperty("metrics").TryGetProperty("auc", out _)); // there is nothing to tell apart
        Assert.True(run.GetProperty("metrics").TryGetProperty("accuracy", out _));
    }

    [Theory]
    [InlineData(Binary, "yes")]
    [InlineData(Multiclass, "perhaps")]
    [InlineData(Regression, "9")]
    public async Task Simulate_APartyWithOneRow_HasFiniteMetrics(string label, string value)
    {
        var run = await TableAsync(label, Enumerable.Range(0, 40).Select(row => $"{row},B,{(label == Regression ? $"{row % 8}" : row % 2 == 0 ? "no" : "yes")}").Append($"5,A,{value}"));

        Assert.Equal(2, run.GetProperty("data").GetProperty("clients").GetInt32());
    }

    [Theory]
    [InlineData("mf")]
    [InlineData("mf --objective mse")]
    [InlineData("mf --objective bpr")]
    [InlineData("mf --normalize-ratings --objective mse")]
    [InlineData("ncf")]
    [InlineData("two-tower")]
    [InlineData("ease")]
    [InlineData("mf --personalize fine-tune")]
    [InlineData("mf --personalize clusters --personal-clusters 2 --personal-warm-up 1")]
    public async Task Simulate_APartyWithOneInteractionAndOneWithACatalogueOfItsOwn_HasFiniteMetrics(string learner)
    {
        WriteParties();

        var report = await SimulateAsync(["--data", "parties", "--learner", .. learner.Split(' '), .. learner == "ease" ? [] : new[] { "--rounds", "2" }]);

        Assert.Equal(3, report.GetProperty("data").GetProperty("clients").GetInt32());
    }

    [Fact]
    public async Task Inspect_APartyWithOneInteractionAndOneWithACatalogueOfItsOwn_CountsThem()
    {
        WriteParties();

        var table = await CommandRun.OfAsync(_folder.Path, "data", "inspect", "parties");
        var json = await CommandRun.OfAsync(_folder.Path, "data", "inspect", "parties", "--format", "json");

        Assert.Equal((ExitCode.Ok, ExitCode.Ok), (table.ExitCode, json.ExitCode));
        Assert.DoesNotMatch(FiniteOutput.NotANumber(), table.Out + json.Out);
        Assert.Equal((13, 16), (json.Json.GetProperty("users").GetInt32(), json.Json.GetProperty("items").GetInt32()));
    }

    private async Task<JsonElement> TableAsync(string label, IEnumerable<string> rows)
    {
        await File.WriteAllLinesAsync(Path.Combine(_folder.Path, "table.csv"), rows.Prepend("x,shop,y"));
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "schema.json"), Schema.Replace("LABEL", label, StringComparison.Ordinal));
        return await SimulateAsync("--data", "table.csv", "--schema", "schema.json", "--learner", "mlp", "--rounds", "3");
    }

    private async Task<JsonElement> SimulateAsync(params string[] line)
    {
        var run = await CommandRun.OfAsync(_folder.Path, ["simulate", "--storage", "memory", "--out", "out", "--format", "json", .. line]);
        Assert.True(run.ExitCode == ExitCode.Ok, run.Error);
        FiniteOutput.Check(run, Out);
        return run.Json;
    }

    // Two parties without an item in common, and one user with one interaction.
    private void WriteParties()
    {
        Write("north", Rows("n", 0));
        Write("south", Rows("s", 8));
        Write("west", ["one,i0,3"]);
    }

    private static IEnumerable<string> Rows(string prefix, int from) => from user in Enumerable.Range(0, 6)
                                                                        from item in Enumerable.Range(0, 6)
                                                                        select string.Create(CultureInfo.InvariantCulture, $"{prefix}{user},i{from + ((item + user) % 8)},{1 + ((user + item) % 5)}");

    private void Write(string party, IEnumerable<string> rows) =>
        File.WriteAllLines(Path.Combine(Directory.CreateDirectory(Path.Combine(_folder.Path, "parties", party)).FullName, "ratings.csv"), rows.Prepend("user,item,rating"));
}
