using System.Security.Cryptography;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;
using FedRec.Grains.RemoteParties;

namespace FedRec.Grains.Tests.RemoteParties;

/// <summary>The law: of every update of a party that a round has counted, what the party has signed is kept, and anybody can check it with the party's key and nothing else.</summary>
public sealed class PartySignatureTests
{
    private readonly SurvivingStorage _states = new();
    private readonly MemoryModelStore _models = new();

    [Fact]
    public async Task Run_WithMoreRoundsThanAPageHas_KeepsOneGoodSignatureOfEachPartyAndRound()
    {
        const int Rounds = PartySignaturePages.Size + 3;
        await using var remote = await RemoteFederation.StartAsync(1, _states, _models);
        await remote.Cluster.StartRunAsync(RemoteFederation.Request("mf") with { Rounds = new RoundSettings { Count = Rounds } });
        remote.Work();
        Assert.Equal(Rounds, (await remote.Cluster.WaitAsync(RemoteFederation.Name, "run-1")).Rounds.Length);
        await remote.Cluster.StartRunAsync(RemoteFederation.Request("mf") with { Rounds = new RoundSettings { Count = 2 } });
        Assert.Equal(2, (await remote.Cluster.WaitAsync(RemoteFederation.Name, "run-2")).Rounds.Length);

        foreach (var party in remote.Parties)
        {
            var (first, second) = ((await party.Twin.GetSignaturesAsync("run-1"))!, (await party.Twin.GetSignaturesAsync("run-2"))!);
            Assert.Equal(Enumerable.Range(1, Rounds), first.Updates.Select(update => update.Update.Round));
            Assert.Equal([1, 2], second.Updates.Select(update => update.Update.Round));
            Assert.All(first.Updates.Concat(second.Updates), update => Assert.True(update.IsCounted && IsGood(party, first.Server, update) && update.PublicKey.Span.SequenceEqual(party.Key.ExportSubjectPublicKeyInfo())));
            Assert.All(second.Updates, update => Assert.All(Changes(update), changed => Assert.False(IsGood(party, first.Server, changed), $"{changed}")));
            Assert.False(IsGood(party, "another coordinator", second.Updates[0]));
            var receipts = (await party.Twin.GetAsync())!.Receipts.Where(receipt => receipt.Update.Run == "run-2");
            Assert.Equal(receipts.Select(receipt => (receipt.Update, receipt.PayloadSha256)), second.Updates.Select(update => (update.Update, update.PayloadSha256)));
        }

        Assert.Empty((await remote.Parties[0].Twin.GetSignaturesAsync("run-3"))!.Updates);
    }

    [Fact]
    public async Task Update_ThatWasOfferedBeforeACrash_IsKeptWithItsSignature_AndOnce()
    {
        PartyTicket ticket;
        byte[] key;
        PartyOrder order;
        byte[] update;
        await using (var remote = await RemoteFederation.StartAsync(1, _states, _models))
        {
            await remote.Cluster.StartRunAsync(RemoteFederation.Request("mf"));
            (order, ticket, key) = (await remote.AskedAsync(), remote.Parties[0].Ticket, remote.Parties[0].Key.ExportECPrivateKey());
            update = await remote.Parties[0].TrainAsync(order);
            _states.OnWrite = state => _states.FailWritesOf = state == PartyState.Name ? state : _states.FailWritesOf; // the next one settles it
            await Assert.ThrowsAnyAsync<Exception>(() => remote.Parties[0].SendAsync(order, update));
            (_states.OnWrite, _states.FailWritesOf) = (_ => { }, null);
        }

        await using var again = await TestFederation.StartAsync(1, _states, _models, resumeUnfinished: false);
        using var party = LocalParty.Again(again.Grains, RemoteFederation.Name, ticket, key);
        var kept = Assert.Single((await party.Twin.GetSignaturesAsync("run-1"))!.Updates);

        Assert.False(kept.IsCounted); // nobody knows
        Assert.Equal((order.Update, PartyStatements.Sha256(update)), (kept.Update, kept.PayloadSha256));
        Assert.True(IsGood(party, ticket.Server, kept));
    }

    [Fact]
    public async Task Update_ThatIsSignedBySomebodyElse_IsNotKept()
    {
        await using var remote = await RemoteFederation.StartAsync(1, _states, _models);
        await remote.Cluster.StartRunAsync(RemoteFederation.Request("mf"));
        var (order, party) = (await remote.AskedAsync(), remote.Parties[0]);
        using var thief = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        Assert.Equal(PartyUpdateFault.NotSigned, (await party.SendAsync(order, await party.TrainAsync(order), by: thief)).Fault);

        Assert.Empty((await party.Twin.GetSignaturesAsync("run-1"))!.Updates);
        Assert.Null(await remote.Cluster.Grains.GetGrain<IPartyGrain>($"{RemoteFederation.Name}/remote-nobody").GetSignaturesAsync("run-1"));
    }

    [Fact]
    public async Task Forget_TakesWhatThePartyHasSignedAway()
    {
        await using var remote = await RemoteFederation.StartAsync(1, _states, _models);
        await remote.Cluster.StartRunAsync(RemoteFederation.Request("mf") with { Rounds = new RoundSettings { Count = PartySignaturePages.Size } });
        remote.Work();
        await remote.Cluster.WaitAsync(RemoteFederation.Name, "run-1");
        await remote.RestAsync();
        Assert.Equal(3, Pages());

        Assert.True(await remote.Parties[0].Parties.ForgetAsync(remote.Parties[0].Name));

        Assert.Equal(2, Pages());
        int Pages() => _states.Stored.Keys.Count(name => name.StartsWith(PartySignaturePage.Name, StringComparison.Ordinal));
    }

    private static bool IsGood(LocalParty party, string server, SignedUpdate update) =>
        PartyKeys.IsSigned(update.PublicKey.Span, PartyStatements.OfUpdate(RemoteFederation.Name, server, party.Ticket.Party, update), update.Signature.Span);

    private static IEnumerable<SignedUpdate> Changes(SignedUpdate update) =>
    [
        update with { Update = update.Update with { Run = "run-9" } }, update with { Update = update.Update with { Round = 9 } }, update with { Update = update.Update with { Attempt = 9 } },
        update with { Client = update.Client + 1 }, update with { BaseVersion = update.BaseVersion + 1 }, update with { Phase = update.Phase + "x" }, update with { ModelSha256 = Other(update.ModelSha256) },
        update with { CatalogueSha256 = Other(update.CatalogueSha256) }, update with { ConfigSha256 = Other(update.ConfigSha256) }, update with { PayloadSha256 = Other(update.PayloadSha256) },
    ];

    private static string Other(string sha256) => (sha256[0] == '0' ? '1' : '0') + sha256[1..];
}
