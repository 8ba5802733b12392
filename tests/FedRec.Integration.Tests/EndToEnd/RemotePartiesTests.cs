using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace FedRec.Integration.Tests.EndToEnd;

/// <summary>Three companies train together, each in a process of its own with its own files.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class RemotePartiesTests
{
    [Fact]
    public async Task Train_WithPartiesInProcessesOfTheirOwn_GivesTheModelOfASimulation_AndTheCoordinatorHasNoUser()
    {
        await using var parties = new RemoteParties();
        await parties.ServeAsync();
        await parties.JoinAsync();
        Assert.Equal((404, 401), (await parties.StatusAtTheDoorAsync("/api/v1/federations"), await parties.StatusAtTheDoorAsync("/party/v1/shops/remote-0123/content/0")));
        await parties.RefusedWithAnotherPinAsync();
        foreach (var name in RemoteParties.Names)
        {
            await parties.RunAsync(name);
        }

        await parties.SecondIsRefusedAsync("north");
        foreach (var line in new[] { new[] { "--learner", "ease" }, ["--learner", "mf", "--rounds", "6"] })
        {
            var trained = (await parties.Home.RunAsync(["train", "--federation", RemoteParties.Federation, "--format", "json", .. line])).Json;
            Assert.Equal(await parties.SimulatedAsync(line), trained.GetProperty("sha256").GetString());
        }

        foreach (var name in RemoteParties.Names)
        {
            var log = parties.LogOf(name).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
            var (sent, receipts) = (log.Where(line => Of(line, "update")).ToArray(), log.Where(line => Of(line, "receipt")).ToArray());
            Assert.True(sent.Length > 6);
            Assert.Equal(sent.Select(line => line.GetProperty("sha256").GetString()), receipts.Select(line => line.GetProperty("sha256").GetString()));
            Assert.All(receipts, line => Assert.Equal("counted", line.GetProperty("outcome").GetString()));
        }

        Assert.All((await parties.PartiesAsync()).EnumerateArray().Where(party => party.GetProperty("name").GetString() != "east"), party => Assert.Equal((0, 20), (party.GetProperty("refused").GetInt32(), party.GetProperty("users").GetInt32())));
        await parties.KillServerAsync();
        var list = (await parties.RecommendAsync("north", user: 0)).ToString();
        await parties.KillAsync("north");
        parties.RunAlone("north"); // the coordinator stays away, and its users do not notice
        Assert.Equal(list, (await parties.RecommendAsync("north", user: 0)).ToString());
        Assert.Contains("because of Item ", list, StringComparison.Ordinal);
        Assert.NotEmpty(FilesWith(parties.Home.Data, "i1")); // the catalogue is public: so the search does find what is there
        Assert.Empty(FilesWith(parties.Home.Data, RemoteParties.UserMark));
    }

    [Fact]
    public async Task Train_WithPartiesAndTheCoordinatorKilledAgainAndAgain_GivesTheModelOfASimulation()
    {
        string[] line = ["--learner", "mf", "--rounds", "40", "--publish-every", "1"];
        await using var parties = new RemoteParties();
        await parties.ServeAsync();
        await parties.JoinAsync();
        foreach (var name in RemoteParties.Names)
        {
            await parties.RunAsync(name);
        }

        _ = parties.Home.Start(["train", "--federation", RemoteParties.Federation, "--deadline", "60s", .. line]);
        foreach (var (round, victim) in new[] { (3, "north"), (7, "west"), (12, ""), (18, "south"), (24, ""), (29, "north") })
        {
            await parties.PartyOf("south").WaitForAsync($"round {round}: sent");
            if (victim.Length > 0)
            {
                await parties.KillAsync(victim);
                await parties.RunAsync(victim);
                continue;
            }

            await parties.KillServerAsync();
            await parties.ServeAsync();
        }

        var run = (await parties.Home.RunAsync("run", "watch", "run-1", "--federation", RemoteParties.Federation, "--format", "json")).Json;
        Assert.Equal("Completed", run.GetProperty("phase").GetString(), ignoreCase: true);
        Assert.Equal(await parties.SimulatedAsync(line), run.GetProperty("sha256").GetString());
    }

    [Fact]
    public async Task Train_WithAPartyInPython_GivesTheModelOfASimulation_AndWhatItCannotDoItRefuses()
    {
        await using var parties = new RemoteParties("west");
        await parties.ServeAsync();
        await parties.JoinAsync();
        foreach (var name in RemoteParties.Names)
        {
            await parties.RunAsync(name);
        }

        await parties.SecondIsRefusedAsync("west");
        string[] ease = ["--learner", "ease", "--lambda", "50"], factors = ["--learner", "mf", "--rounds", "5", "--server-optimizer", "sgd", "--server-lr", "2"];
        var counted = (await parties.TrainAsync(ease)).Json;
        Assert.Equal(await parties.SimulatedAsync(ease), counted.GetProperty("sha256").GetString());
        Assert.Equal((3, 40), (counted.GetProperty("clients").GetInt32(), counted.GetProperty("users").GetInt32())); // the one in Python ranks nobody
        var (trained, simulated) = (LossesOf((await parties.TrainAsync(factors)).Error), LossesOf((await parties.Home.RunAsync(["simulate", "--data", "data", "--storage", "memory", .. factors])).Error));
        Assert.Equal(5, simulated.Length);
        Assert.All(trained.Zip(simulated), pair => Assert.Equal(pair.First, pair.Second, 2e-4)); // floats, so not the same bytes; and plain steps, which show what is wrong with a gradient
        const string Reason = "this party counts for ease with a given lambda, without kernel and sketch";
        Assert.Contains($"west refused: {Reason}", (await parties.TrainAsync("--learner", "ease")).Error, StringComparison.Ordinal); // users would vote
        var selected = await parties.TrainAsync("--learner", "mf", "--rounds", "1", "--party-labels", "place=west");
        Assert.Equal(1, selected.Json.GetProperty("clients").GetInt32());
        Assert.Contains("Parties that may take part: west. Not: north (not selected), south (not selected).", selected.Error, StringComparison.Ordinal);
        Assert.Equal([(true, 5, 0), (true, 5, 0), (true, 5, 0)], await parties.InRunAsync("run-2"));
        Assert.Equal((0, true), ((await parties.InRunAsync("run-3"))[2].Counted, (await parties.InRunAsync("run-3"))[2].Refused > 0));
        Assert.Equal([(false, 0, 0), (false, 0, 0), (true, 1, 0)], await parties.InRunAsync("run-4"));

        var log = parties.LogOf("west").Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(1 + 5 + 1, log.Count(line => Of(line, "update")));
        Assert.All(log.Where(line => Of(line, "receipt")), line => Assert.Equal("counted", line.GetProperty("outcome").GetString(), ignoreCase: true));
        Assert.Contains(log, line => Of(line, "refusal") && line.GetProperty("reason").GetString() == Reason);
        Assert.Contains(Reason, (await parties.Home.RunAsync("party", "show", "west", "--federation", RemoteParties.Federation)).Out, StringComparison.Ordinal);
        await parties.KillServerAsync();
        Assert.Empty(FilesWith(parties.Home.Data, RemoteParties.UserMark));
    }

    private static double[] LossesOf(string progress) => [.. Regex.Matches(progress, @"round \d+/5  loss ([0-9.]+)").Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];

    private static bool Of(JsonElement line, string what) => line.GetProperty("what").GetString() == what;

    // Whatever the coordinator has on its disk, in either encoding of text.
    private static string[] FilesWith(string folder, string text) =>
    [
        .. from file in Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
           let bytes = File.ReadAllBytes(file)
           where new[] { Encoding.UTF8, Encoding.Unicode }.Any(encoding => bytes.AsSpan().IndexOf(encoding.GetBytes(text)) >= 0)
           select file,
    ];
}
