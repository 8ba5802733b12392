using System.Security.Cryptography;
using FedRec.Contracts.RemoteParties;

namespace FedRec.Grains.Tests.RemoteParties;

/// <summary>Whatever comes in a party's name and is not taken is counted by its reason; with the next write it is stored.</summary>
public sealed class PartyRejectionTests
{
    private readonly SurvivingStorage _states = new();

    [Fact]
    public async Task Update_ThatIsNotTaken_IsCountedByItsReason_AndStoredWithTheNextWrite()
    {
        PartyRejection[] counted;
        await using (var remote = await RemoteFederation.StartAsync(1, _states))
        {
            await remote.Cluster.StartRunAsync(RemoteFederation.Request("mf"));
            var (party, order) = (remote.Parties[0], await remote.AskedAsync());
            var update = await party.TrainAsync(order);
            using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            Assert.Empty(await OfAsync(party.Twin));

            await party.SendAsync(order, update, by: other);
            await party.SendAsync(order, update, signed: order with { CatalogueSha256 = new string('0', 64) });
            await party.SendAsync(order with { Update = order.Update with { Round = 2 } }, update);
            await party.SendAsync(order, update[..^8]);
            Assert.Equal("NotAsked 1, Signature 2, Unreadable 1", Words(await OfAsync(party.Twin)));
            Assert.Equal(PartyOutcome.Counted, (await party.SendAsync(order, update)).Receipt!.Outcome); // and is no worse off for them
            await party.SendAsync(order, [.. update.Select((one, place) => place == update.Length - 1 ? (byte)(one ^ 1) : one)]);
            counted = await OfAsync(party.Twin);
            Assert.Equal("NotAsked 1, Signature 2, OtherBytes 1, Unreadable 1", Words(counted));
            await party.Twin.ReportAsync(party.Trainer.Report with { Users = 19 }); // a write
        }

        await using var again = await TestFederation.StartAsync(1, _states, resumeUnfinished: false);
        var stored = (await again.Grains.GetGrain<IPartiesGrain>(RemoteFederation.Name).FindAsync("north"))!;
        Assert.Equal(counted, stored.Rejections);
    }

    [Fact]
    public async Task Request_ThatIsNotLetIn_IsCountedByItsReason()
    {
        await using var remote = await RemoteFederation.StartAsync(1, _states);
        var (twin, nonce) = (remote.Parties[0].Twin, (await remote.Parties[0].Twin.GetCredentialAsync())!.Nonce);

        await twin.AdmitAsync(Token("0"), CancellationToken.None);
        await twin.AdmitAsync(Token("0"), CancellationToken.None);
        await twin.AdmitAsync(new PartyToken("1", "another", DateTimeOffset.UtcNow.AddMinutes(1), ""), CancellationToken.None); // as the first one of a party is
        await twin.NoteRejectionAsync(PartyRejectionReason.Token);
        await remote.Parties[0].Parties.SetStandingAsync("north", PartyStanding.Suspended);
        await twin.AdmitAsync(Token("2"), CancellationToken.None);

        Assert.Equal("Token 1, TokenAgain 1, Standing 1", Words(await OfAsync(twin)));

        PartyToken Token(string id) => new(id, nonce, DateTimeOffset.UtcNow.AddMinutes(1), "");
    }

    private static async Task<PartyRejection[]> OfAsync(IPartyGrain twin) => [.. (await twin.GetAsync())!.Rejections];

    private static string Words(IEnumerable<PartyRejection> rejections) => string.Join(", ", rejections.Select(one => $"{one.Reason} {one.Count}"));
}
