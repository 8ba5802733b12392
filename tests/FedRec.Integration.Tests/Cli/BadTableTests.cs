using System.Globalization;
using FedRec.Cli;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

/// <summary>Labelled tables that cannot be used: each command says where, what and what next, and trains nothing.</summary>
public sealed class BadTableTests : IDisposable
{
    private const string X = """{"name":"x","kind":"numeric"}""";
    private const string Binary = """{"name":"y","kind":"label","task":"binary","values":["no","yes"]}""";
    private const string Regression = """{"name":"y","kind":"label","task":"regression","range":[0,10]}""";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{\"columns\":\n[oops]}", "schema.json, line 2: The schema is not valid JSON.", "Correct it at character 2 of the line or before.")]
    [InlineData("[]", "schema.json: The schema must be an object.", "{ … }")]
    [InlineData("{}", "schema.json: 0 columns are of the kind label.", "Declare one label.")]
    [InlineData($$"""{"columns":[{{X}}]}""", "schema.json: 0 columns are of the kind label.", "Declare one label.")]
    [InlineData($$"""{"columns":[{{X}},{{Binary}},{{Binary}}]}""", "schema.json: The column 'y' is declared 2 times.", "name of its own")]
    [InlineData($$"""{"columns":[{{X}},{{X}},{{Binary}}]}""", "schema.json: The column 'x' is declared 2 times.", "name of its own")]
    [InlineData($$"""{"columns":[{{Binary}}]}""", "schema.json: There is no feature.", "at least one numeric or categorical")]
    [InlineData($$"""{"columns":[{"name":"x","kind":"numerical"},{{Binary}}]}""", "schema.json: columns[0].kind is 'numerical'.", "Did you mean 'numeric'?")]
    [InlineData($$"""{"columns":[{"name":"x"},{{Binary}}]}""", "schema.json: columns[0].kind is missing.", "Add \"kind\".")]
    [InlineData($$"""{"columns":[{"name":"xx","kind":"numeric"},{{Binary}}]}""", "table.csv, line 1: There is no column 'xx'", "Did you mean 'x'?")]
    [InlineData($$"""{"columns":[{{X}},{"name":"y","kind":"label","task":"binarry"}]}""", "schema.json: columns[1].task is 'binarry'.", "Did you mean 'binary'?")]
    public async Task Schema_Malformed_IsRefusedByInspectAndSimulate(string schema, string what, string next)
    {
        Write("x,y\n1,no\n2,yes\n", schema);

        foreach (var run in new[] { await InspectAsync(), await SimulateAsync() })
        {
            Assert.Equal(ExitCode.Failed, run.ExitCode);
            Assert.Contains(what, run.Error, StringComparison.Ordinal);
            Assert.Contains(next, run.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("round 1", run.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(Binary, "maybe", "line 22: the label 'maybe' is none of no, yes")]
    [InlineData(Binary, "", "line 22: the label is missing")]
    [InlineData(Binary, "NaN", "line 22: the label 'NaN' is none of no, yes")]
    [InlineData(Regression, "many", "line 22: the label 'many' is no number")]
    [InlineData(Regression, "", "line 22: the label is missing")]
    [InlineData(Regression, "NaN", "line 22: the label NaN is outside the declared range of 0 to 10")]
    [InlineData(Regression, "Infinity", "line 22: the label Infinity is outside")]
    [InlineData(Regression, "-1", "line 22: the label -1 is outside the declared range of 0 to 10")]
    [InlineData(Regression, "1e99", "line 22: the label 1e99 is outside")]
    public async Task Label_OutOfRange_IsRefusedWithItsLineOrCounted(string label, string value, string expected)
    {
        Write(Rows(20, label) + $"1,{value}\n", $$"""{"columns":[{{X}},{{label}}]}""");
        var (inspect, refused) = (await InspectAsync(), await SimulateAsync());

        Write(Rows(20, label) + $"1,{value}\n" + Rows(100, label)[4..], $$"""{"columns":[{{X}},{{label}}]}""");
        var counted = await SimulateAsync("--out", "counted");

        Assert.Equal((ExitCode.Ok, ExitCode.Failed, ExitCode.Ok), (inspect.ExitCode, refused.ExitCode, counted.ExitCode));
        Assert.Contains(expected, inspect.Out, StringComparison.Ordinal);
        Assert.Contains(expected, refused.Error, StringComparison.Ordinal);
        Assert.Contains("allow a larger share of bad rows", refused.Error, StringComparison.Ordinal);
        Assert.Contains("1 of 121 rows are bad and left out", counted.Out, StringComparison.Ordinal);
        FiniteOutput.Check(counted, Path.Combine(_folder.Path, "counted"));
    }

    [Fact]
    public async Task Simulate_ATableWithALearnerOfInteractions_IsRefusedAndWithItsOwnStandsBesideTheMajority()
    {
        Write(Rows(60, Binary), $$"""{"columns":[{{X}},{{Binary}}]}""");
        string[] common = ["simulate", "--data", "table.csv", "--schema", "schema.json", "--rounds", "2", "--storage", "memory", "--parties", "2"];

        var refused = await CommandRun.OfAsync(_folder.Path, [.. common, "--learner", "mf"]);
        var own = await CommandRun.OfAsync(_folder.Path, [.. common, "--learner", "mlp", "--format", "json"]);

        Assert.Equal(ExitCode.Failed, refused.ExitCode);
        Assert.Contains("mf learns from interactions, but this data is rows with a label. Take mlp", refused.Error, StringComparison.Ordinal);
        Assert.Equal(["majority class"], own.Json.GetProperty("baselines").EnumerateObject().Select(baseline => baseline.Name));
    }

    [Fact]
    public async Task Simulate_ATableOfNumbers_StandsBesideTheirMean()
    {
        Write(Rows(60, Regression), $$"""{"columns":[{{X}},{{Regression}}]}""");

        var run = await CommandRun.OfAsync(_folder.Path, "simulate", "--data", "table.csv", "--schema", "schema.json", "--learner", "mlp", "--rounds", "2", "--storage", "memory", "--format", "json");

        var mean = Assert.Single(run.Json.GetProperty("baselines").EnumerateObject());
        Assert.Equal("mean", mean.Name);
        Assert.InRange(mean.Value.GetProperty("rmse").GetProperty("mean").GetDouble(), 1, 5); // of digits, which the mean misses by their spread
    }

    private Task<CommandRun> InspectAsync() => CommandRun.OfAsync(_folder.Path, "data", "inspect", "table.csv", "--schema", "schema.json");

    private Task<CommandRun> SimulateAsync(params string[] more) => CommandRun.OfAsync(_folder.Path,
        ["simulate", "--data", "table.csv", "--schema", "schema.json", "--learner", "mlp", "--rounds", "3", "--storage", "memory", "--parties", "2", "--baselines", "none", .. more]);

    private void Write(string table, string schema)
    {
        File.WriteAllText(Path.Combine(_folder.Path, "table.csv"), table);
        File.WriteAllText(Path.Combine(_folder.Path, "schema.json"), schema);
    }

    private static string Rows(int count, string label) => "x,y\n" + string.Concat(Enumerable.Range(0, count).Select(row =>
        string.Create(CultureInfo.InvariantCulture, $"{row},{(label == Binary ? row % 2 == 0 ? "no" : "yes" : row % 10)}\n")));
}
