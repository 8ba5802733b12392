using System.Text.Json;
using FedRec.Cli;

namespace FedRec.Integration.Tests.EndToEnd;

/// <summary>Three companies that keep what their customers did train together by the commands of the documents, each command in a process of its own.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class ThreeCompaniesTests
{
    [Fact]
    public async Task Companies_ImportedOneByOne_TrainToTheModelOfASimulationAndServeTheirOwnCustomers()
    {
        await using var home = new FedRecHome();
        foreach (var (company, place) in new[] { ("east", 0), ("north", 1), ("south", 2) })
        {
            var folder = Directory.CreateDirectory(Path.Combine(home.Folder, "shops", company)).FullName;
            await File.WriteAllLinesAsync(Path.Combine(folder, "interactions.csv"),
                ["user,item,timestamp", .. Enumerable.Range(0, 200).Select(i => (User: i % 20, Item: ((i * i) + (i / 7) + place) % 15)).Distinct().Select((row, i) => $"{row.User},i{row.Item},{1_700_000_000 + i}")]);
        }

        string[] learner = ["--learner", "ease", "--lambda", "50", "--kernel", "10", "--recency", "5"];
        await home.RunAsync("import", "shops/east/interactions.csv", "--federation", "shops", "--client", "east");
        var imported = (await home.RunAsync("import", "shops", "--federation", "shops", "--format", "json")).Json; // all three; east is there already
        var early = home.Start("history", "add", "north/nobody-yet", "i1", "--federation", "shops"); // before the first run: a user who is new joins by it
        Assert.Equal(ExitCode.Ok, await early.ExitAsync());
        await home.RunAsync("history", "forget", "north/nobody-yet", "--federation", "shops"); // and is out again
        var trained = (await home.RunAsync(["train", "--federation", "shops", .. learner, "--format", "json"])).Json;
        var own = (await home.RunAsync("recommend", "north/3", "--federation", "shops", "--format", "json")).Out;
        await home.RunAsync(["simulate", "--data", "shops", .. learner, "--storage", "memory", "--baselines", "popularity", "--recs", "0", "--out", "simulated"]);
        var stranger = home.Start("import", "shops", "--federation", "shops", "--client", "west");
        Assert.Equal(ExitCode.Usage, await stranger.ExitAsync());

        Assert.Equal((3, 15), (imported.GetProperty("users").GetInt32(), imported.GetProperty("items").GetInt32()));
        Assert.Equal(3, trained.GetProperty("clients").GetInt32());
        using var manifest = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(home.Folder, "simulated", "manifest.json")));
        Assert.Equal(manifest.RootElement.GetProperty("sha256").GetString(), trained.GetProperty("sha256").GetString());
        Assert.Contains("north/3", own, StringComparison.Ordinal);
        Assert.Contains("--client names one organisation", stranger.Error, StringComparison.Ordinal);
    }
}
