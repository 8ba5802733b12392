using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace FedRec.Integration.Tests.EndToEnd;

/// <summary>Three companies train together, each in a process of its own with its own files.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class RemotePartiesTests(ITestOutputHelper output)
{
    private const int ManyRounds = 100_000; // the run is stopped once all kills are made, however quick it is

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
        await parties.ServesAsync("north", version: 2);
        await parties.KillServerAsync();
        var list = (await parties.RecommendAsync("north", user: 0)).ToString();
        await parties.KillAsync("north");
        parties.RunAlone("north"); // the coordinator stays away, and its users do not notice
        await parties.ServesAsync("north", version: 2);
        Assert.Equal(list, (await parties.RecommendAsync("north", user: 0)).ToString());
        Assert.Contains("because of Item ", list, StringComparison.Ordinal);
        Assert.NotEmpty(FilesWith(parties.Home.Data, "i1")); // the catalogue is public: so the search does find what is there
        Assert.Empty(FilesWith(parties.Home.Data, RemoteParties.UserMark));
    }

    [Fact]
    public Task Train_WithPartiesAndTheCoordinatorKilledAgainAndAgain_GivesTheModelOfASimulation() => TrainUnderKillsAsync(kills: 6, seed: 1);

    /// <summary>The same for as long as it is told to: <c>FEDREC_CHAOS_KILLS</c> says how often, <c>FEDREC_CHAOS_SEED</c> whom and when.</summary>
    [KillsFact]
    public Task Train_WithPartiesAndTheCoordinatorKilledAtRandom_GivesTheModelOfASimulation() =>
        TrainUnderKillsAsync(KillsFactAttribute.Kills, int.Parse(Environment.GetEnvironmentVariable("FEDREC_CHAOS_SEED") ?? "1", CultureInfo.InvariantCulture));

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
        var signatures = (await parties.Home.RunAsync("party", "signatures", "run-2", "--federation", RemoteParties.Federation, "--format", "json")).Json.GetProperty("parties").EnumerateArray().ToArray();
        Assert.Equal(3, signatures.Length);
        Assert.All(signatures, party => Assert.Equal((5, 5, 0), (party.GetProperty("counted").GetInt32(), party.GetProperty("signed").GetInt32(), party.GetProperty("notGood").GetInt32())));
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

    // Whoever is killed, it is somewhere in a round: a while after a party, any of them, has sent an update.
    private async Task TrainUnderKillsAsync(int kills, int seed)
    {
        var random = new Random(seed);
        string[] line = ["--learner", "mf", "--publish-every", "1"];
        await using var parties = new RemoteParties();
        await parties.ServeAsync();
        await parties.JoinAsync();
        foreach (var name in RemoteParties.Names)
        {
            await parties.RunAsync(name);
        }

        _ = parties.Home.Start(["train", "--federation", RemoteParties.Federation, "--deadline", "60s", "--rounds", $"{ManyRounds}", .. line]);
        for (var kill = 1; kill <= kills; kill++)
        {
            var (watched, victim, pause) = (parties.PartyOf(RemoteParties.Names[random.Next(3)]), random.Next(5), TimeSpan.FromMilliseconds(random.Next(300)));
            for (var left = random.Next(1, 4); left > 0; left--)
            {
                await watched.WaitForAsync(": sent", after: watched.Error.Length);
            }

            await Task.Delay(pause);
            output.WriteLine($"{DateTime.UtcNow:HH:mm:ss} kill {kill} of {kills}: {(victim < 3 ? RemoteParties.Names[victim] : "the coordinator")} {pause.TotalMilliseconds} ms after an update");
            if (victim < 3)
            {
                await parties.KillAsync(RemoteParties.Names[victim]);
                await parties.RunAsync(RemoteParties.Names[victim]);
                continue;
            }

            await parties.KillServerAsync();
            await parties.ServeAsync();
        }

        await parties.Home.RunAsync("run", "stop", "run-1", "--federation", RemoteParties.Federation);
        var run = (await parties.Home.RunAsync("run", "watch", "run-1", "--federation", RemoteParties.Federation, "--format", "json")).Json;
        Assert.Equal("Stopped", run.GetProperty("phase").GetString(), ignoreCase: true);
        var rounds = run.GetProperty("roundsDone").GetInt32();
        Assert.InRange(rounds, 1, ManyRounds - 1);
        Assert.Equal(await parties.SimulatedAsync(["--rounds", rounds.ToString(CultureInfo.InvariantCulture), .. line]), run.GetProperty("sha256").GetString());
        Assert.All(await parties.InRunAsync("run-1"), party => Assert.InRange(party.Counted, 1, rounds)); // none twice
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

/// <summary>A test that kills as often as it is told to.</summary>
public sealed class KillsFactAttribute : FactAttribute
{
    public KillsFactAttribute()
    {
        if (Kills == 0)
        {
            Skip = "Random kills on demand: FEDREC_CHAOS_KILLS=100.";
        }
    }

    /// <summary>How often.</summary>
    public static int Kills { get; } = int.Parse(Environment.GetEnvironmentVariable("FEDREC_CHAOS_KILLS") ?? "0", CultureInfo.InvariantCulture);
}
