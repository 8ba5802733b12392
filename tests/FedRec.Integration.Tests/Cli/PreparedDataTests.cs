using System.Globalization;
using System.Text.Json;
using FedRec.Cli;
using FedRec.Core.Tests.Data;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

/// <summary>What reaches training is what <c>data inspect</c> counts, whatever the file looks like.</summary>
public sealed class PreparedDataTests : IDisposable
{
    private const string Rules = "duplicates,bots,outliers";
    private const long Start = 1_600_000_000;
    private static readonly string[] s_clean = [.. from user in Enumerable.Range(0, 30)
                                                   from item in Enumerable.Range(0, 12)
                                                   select Row($"u{user}", $"i{item * (user + 1) % 13}", 1 + ((user + item) % 5), (user * 12) + item)];

    private static readonly string[] s_repeats = [Row("u1", "i0", 2, 900), Row("u1", "i0", 2, 900), Row("u1", "i0", 2, 900)]; // two of them too many
    private static readonly string[] s_bot = [.. Enumerable.Range(0, 61).Select(item => Row("fast", $"b{item}", 3, 0))];
    private static readonly string[] s_outlier = [Row("u2", "odd", 5_000, 100)];
    private readonly TemporaryFolder _folder = new();
    private int _runs;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Simulate_DirtyRowsCleaned_IsTheModelOfTheCleanFileAndSaysWhatWasRemoved()
    {
        Write("clean.csv", [.. s_clean, s_repeats[0]]);
        Write("dirty.csv", [.. s_bot, .. s_clean, .. s_repeats, .. s_outlier]);

        var inspected = (await CommandRun.OfAsync(_folder.Path, "data", "inspect", "dirty.csv", "--clean", Rules, "--format", "json")).Json;
        var (plain, dirty, cleaned) = (await SimulateAsync("clean.csv"), await SimulateAsync("dirty.csv"), await SimulateAsync("dirty.csv", "--clean", Rules));

        Assert.Equal(Sha256(plain), Sha256(cleaned));
        Assert.NotEqual(Sha256(plain), Sha256(dirty));
        var removed = inspected.GetProperty("report").GetProperty("removed");
        Assert.Equal([2, 61, 1], new[] { "duplicates", "bots", "outliers" }.Select(reason => removed.GetProperty(reason).GetInt32()));
        Assert.All(new[] { "users", "items", "interactions" }, count => Assert.Equal(inspected.GetProperty(count).GetInt32(), cleaned.GetProperty("data").GetProperty(count).GetInt32()));
        const string Words = "cleaning removed 2 repeated events, 61 rows of bots and 1 outliers";
        Assert.Contains(Words, cleaned.GetProperty("protocol").GetString(), StringComparison.Ordinal);
        Assert.Contains(Words, Summary(cleaned).GetProperty("protocol").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("cleaning", plain.GetProperty("protocol").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Simulate_DirtyRowsCleaned_PrintsTheRowsRemoved()
    {
        Write("dirty.csv", [.. s_clean, .. s_bot]);

        var run = await RunAsync("dirty.csv", "--clean", Rules);

        Assert.Contains("before the split, cleaning removed 0 repeated events, 61 rows of bots and 0 outliers", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Simulate_BadRowsLeftOut_CountsThem()
    {
        Write("clean.csv", s_clean);
        Write("torn.csv", [.. s_clean[..100], ",i1,3,5", .. s_clean[100..200], Row("u1", "i1", 3, 0) + "x", .. s_clean[200..]]);

        var (plain, torn) = (await SimulateAsync("clean.csv"), await SimulateAsync("torn.csv"));

        Assert.Equal(Sha256(plain), Sha256(torn));
        Assert.Contains("2 of 362 rows are bad and left out", torn.GetProperty("protocol").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("bad", plain.GetProperty("protocol").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mf")]
    [InlineData("ease")]
    public async Task Simulate_TheRowsOfACsvAsParquet_IsTheSameModel(string learner)
    {
        Write("ratings.csv", s_clean);
        var cells = s_clean.Select(row => row.Split(',')).ToList();
        await ParquetFile.WriteAsync(Path.Combine(_folder.Path, "ratings.parquet"),
            ("timestamp", cells.Select(row => long.Parse(row[3], CultureInfo.InvariantCulture)).ToArray()),
            ("rating", cells.Select(row => double.Parse(row[2], CultureInfo.InvariantCulture)).ToArray()),
            ("item", cells.Select(row => row[1]).ToArray()),
            ("user", cells.Select(row => row[0]).ToArray()));

        var (csv, parquet) = (await SimulateAsync("ratings.csv", "--learner", learner), await SimulateAsync("ratings.parquet", "--learner", learner));

        Assert.Equal(Sha256(csv), Sha256(parquet));
        Assert.Equal(csv.GetProperty("metrics").GetRawText(), parquet.GetProperty("metrics").GetRawText());
    }

    private async Task<JsonElement> SimulateAsync(string file, params string[] more)
    {
        var run = await RunAsync(file, ["--format", "json", .. more]);
        Assert.True(run.ExitCode == ExitCode.Ok, run.Error);
        return run.Json;
    }

    private Task<CommandRun> RunAsync(string file, params string[] more) =>
        CommandRun.OfAsync(_folder.Path, ["simulate", "--data", file, "--rounds", more.Contains("ease") ? "0" : "2", "--storage", "memory", "--baselines", "none", "--recs", "0", "--out", $"run-{_runs++}", .. more]);

    private static string? Sha256(JsonElement report) => report.GetProperty("model").GetProperty("sha256").GetString();

    private static JsonElement Summary(JsonElement report) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(report.GetProperty("runFolder").GetString()!, "summary.json"))).RootElement;

    private static string Row(string user, string item, int rating, int hundreds) => string.Create(CultureInfo.InvariantCulture, $"{user},{item},{rating},{Start + (hundreds * 100)}");

    private void Write(string name, IEnumerable<string> rows) => File.WriteAllLines(Path.Combine(_folder.Path, name), rows.Prepend("user,item,rating,timestamp"));
}
