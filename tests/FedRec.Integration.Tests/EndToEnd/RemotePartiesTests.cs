using System.Text;
using System.Text.Json;

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
