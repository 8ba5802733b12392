using System.Numerics.Tensors;
using FedRec.Cli;
using FedRec.Core.Snapshots;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

/// <summary>A federation that begins with the model of another one, whose items have other ids and the same titles.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class WarmStartMatchTests : IDisposable
{
    private static readonly string[] s_public = ["Alien (1979)", "Up", "Crash", "CRASH", "Brazil", "Cube"];
    private static readonly string[] s_private = ["brazil", "New", "Crash", " UP ", "Alien (1979)"];
    private readonly TemporaryFolder _folder = new();
    private readonly AzuriteFixture _azurite;

    public WarmStartMatchTests(AzuriteFixture azurite)
    {
        _azurite = azurite;
        Write("public", s_public, "p");
        Write("private", s_private, "x");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Simulate_WarmStartByTitle_BeginsWithTheRowsOfTheSameTitlesAndItsOwnForTheOthers()
    {
        var before = await RunAsync("public", "--seed", "1", "--rounds", "3");
        var anew = await RunAsync("anew", "--seed", "9", "--rounds", "1", "--server-optimizer", "sgd", "--server-lr", "1e-9");
        var tuned = await RunAsync("private", "--seed", "9", "--rounds", "1", "--server-optimizer", "sgd", "--server-lr", "1e-9", "--warm-start-from", "public", "--warm-start-match", "title");

        float[][] expected = [before.Rows[4], anew.Rows[1], anew.Rows[2], before.Rows[1], before.Rows[0]]; // Crash is the title of two public items, so of none
        Assert.All(expected.Zip(tuned.Rows), rows => Assert.InRange(TensorPrimitives.Distance<float>(rows.First, rows.Second), 0, 1e-5));
        Assert.All(expected.Zip(anew.Rows).Where((_, item) => item is 0 or 3 or 4), rows => Assert.True(TensorPrimitives.Distance<float>(rows.First, rows.Second) > 1e-3));
        Assert.Contains("of public: 3 of 5 items found there", tuned.Run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Simulate_WarmStartByIdWhereOnlyTitlesAgree_SaysThatTitlesMayMatch()
    {
        await RunAsync("public", "--rounds", "1");

        var run = await SimulateAsync("private", "--rounds", "1", "--warm-start-from", "public");

        Assert.NotEqual(ExitCode.Ok, run.ExitCode);
        Assert.Contains("Titles may match where ids do not.", run.Error, StringComparison.Ordinal);
    }

    private async Task<(CommandRun Run, float[][] Rows)> RunAsync(string federation, params string[] more)
    {
        var run = await SimulateAsync(federation, more);
        Assert.True(run.ExitCode == ExitCode.Ok, run.Error);
        return (run, [.. Safetensors.Read(File.ReadAllBytes(Path.Combine(_folder.Path, federation, "out", "tensors.safetensors"))).Values.ToArray().Chunk(4)]);
    }

    private Task<CommandRun> SimulateAsync(string federation, params string[] more) => CommandRun.OfAsync(_folder.Path, _azurite.Variables(_folder),
    [
        "simulate", "--data", $"{(federation == "public" ? "public" : "private")}/interactions.csv", "--federation", federation, "--out", $"{federation}/out",
        "--learner", "mf", "--dims", "4", "--baselines", "none", "--recs", "0", .. more,
    ]);

    // Every user has met every item, in the order of the list.
    private void Write(string folder, string[] titles, string prefix)
    {
        var path = Directory.CreateDirectory(Path.Combine(_folder.Path, folder)).FullName;
        File.WriteAllLines(Path.Combine(path, "items.csv"), titles.Select((title, item) => $"{prefix}{item},\"{title}\"").Prepend("item,title"));
        File.WriteAllLines(Path.Combine(path, "interactions.csv"), Enumerable.Range(0, 8).SelectMany(user => titles.Select((_, item) => $"u{user},{prefix}{item}")).Prepend("user,item"));
    }
}
