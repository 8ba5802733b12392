using System.Text.Json;
using System.Text.Json.Nodes;

namespace FedRec.Integration.Tests.EndToEnd;

/// <summary>Three companies train together, and their coordinator sees what all of them send and nothing of one.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class SecurePartiesTests
{
    private static readonly string[] s_masked = ["--aggregator", "secure-mean", "--deadline", "600s"]; // a machine that is busy loses no party

    [Fact]
    public async Task Train_WithMaskedUpdates_GivesTheModelOfASimulation_AndAnotherKeyInAPeersPlaceIsFoundOut()
    {
        await using var parties = new RemoteParties();
        await parties.ServeAsync();
        await parties.JoinAsync();
        foreach (var name in RemoteParties.Names)
        {
            await parties.RunAsync(name);
        }

        foreach (var line in new[] { new[] { "--learner", "ease" }, ["--learner", "mf", "--rounds", "3"] })
        {
            var trained = (await parties.TrainAsync([.. line, .. s_masked])).Json;
            Assert.Equal(await parties.SimulatedAsync(line), trained.GetProperty("sha256").GetString());
        }

        foreach (var name in RemoteParties.Names)
        {
            var log = parties.LogOf(name).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
            var rounds = log.Count(line => Of(line, "update"));
            Assert.True(rounds > 6);
            Assert.Equal((rounds, 4 * rounds), (log.Count(line => Of(line, "consent")), log.Count(line => Of(line, "step"))));
            Assert.Equal(2, Pins(parties, name).Count); // of the two others
        }

        var pins = Pins(parties, "north");
        var (number, key) = (pins.First().Key, pins.First().Value!.GetValue<string>());
        pins[number] = new string('0', key.Length);
        await File.WriteAllTextAsync(PathOf(parties, "north"), pins.ToJsonString());
        var refused = parties.Home.Start(["train", "--federation", RemoteParties.Federation, "--learner", "mf", "--rounds", "3", .. s_masked]);
        Assert.NotEqual(0, await refused.ExitAsync());
        Assert.Contains("Only 2 of 3 clients have advertised keys, where 3 are needed", refused.Error, StringComparison.Ordinal);
        Assert.Contains(parties.LogOf("north"), line => line.Contains("refusal", StringComparison.Ordinal) && line.Contains($"client {number} has the key {key[..16]}", StringComparison.Ordinal));
    }

    private static JsonObject Pins(RemoteParties parties, string name) => JsonNode.Parse(File.ReadAllText(PathOf(parties, name)))!.AsObject();

    private static string PathOf(RemoteParties parties, string name) => Path.Combine(parties.HomeOf(name), "parties", name, "peers.json");

    private static bool Of(JsonElement line, string what) => line.GetProperty("what").GetString() == what;
}
