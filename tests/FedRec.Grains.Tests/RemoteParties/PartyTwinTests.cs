using System.Security.Cryptography;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;
using FedRec.Grains.RemoteParties;

namespace FedRec.Grains.Tests.RemoteParties;

/// <summary>What a party's twin takes and what it refuses, over restarts.</summary>
public sealed class PartyTwinTests
{
    private readonly SurvivingStorage _states = new();
    private readonly MemoryModelStore _models = new();

    public static TheoryData<string> OtherOrders => [.. s_others.Keys];

    // Each is signed in place of the order that the party has.
    private static readonly Dictionary<string, Func<PartyOrder, PartyOrder>> s_others = new()
    {
        ["run"] = order => order with { Update = order.Update with { Run = "run-9" } },
        ["round"] = order => order with { Update = order.Update with { Round = 9 } },
        ["attempt"] = order => order with { Update = order.Update with { Attempt = 9 } },
        ["client"] = order => order with { Client = 9 },
        ["base version"] = order => order with { BaseVersion = 9 },
        ["phase"] = order => order with { Phase = "other/1" },
        ["model"] = order => order with { ModelSha256 = new string('0', 64) },
        ["catalogue"] = order => order with { CatalogueSha256 = new string('0', 64) },
        ["configuration"] = order => order with { ConfigSha256 = new string('0', 64) },
    };

    [Theory]
    [MemberData(nameof(OtherOrders))]
    public async Task Submit_SignedForAnotherOrder_IsRefusedAndLeavesNoTrace(string what)
    {
        await using var remote = await RemoteFederation.StartAsync(1, _states, _models);
        await remote.Cluster.StartRunAsync(RemoteFederation.Request("mf"));
        var (party, order) = (remote.Parties[0], await remote.AskedAsync());
        var update = await party.TrainAsync(order);
        var before = StoredOf("party");

        var refused = await party.SendAsync(order, update, signed: s_others[what](order));

        Assert.Equal(new PartySubmission(PartyUpdateFault.NotSigned, null), refused);
        Assert.Equal(before, StoredOf("party"));
    }

    [Fact]
    public async Task Submit_TamperedOrSignedBySomebodyElseOrUnreadableOrNotAsked_IsRefusedAndLeavesNoTrace()
    {
        await using var remote = await RemoteFederation.StartAsync(1, _states, _models);
        await remote.Cluster.StartRunAsync(RemoteFederation.Request("mf"));
        var (party, order) = (remote.Parties[0], await remote.AskedAsync());
        var update = await party.TrainAsync(order);
        var before = StoredOf("party");
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        Assert.Equal(PartyUpdateFault.NotSigned, (await party.SendAsync(order, update, by: other)).Fault);
        Assert.Equal(PartyUpdateFault.NotAsked, (await party.SendAsync(order with { Update = order.Update with { Round = 2 } }, update)).Fault);
        Assert.Equal(PartyUpdateFault.NotAsked, (await party.SendAsync(order with { Update = order.Update with { Attempt = 2 } }, update)).Fault);
        Assert.Equal(PartyUpdateFault.Unreadable, (await party.SendAsync(order, [.. update[..^8]])).Fault);
        Assert.Equal(PartyUpdateFault.Unreadable, (await party.SendAsync(order, [.. update.Select((one, place) => place == 4 ? (byte)(one + 1) : one)])).Fault); // another scale
        Assert.Equal(0, (await party.Twin.OpenUpdateAsync(order.Update, long.MaxValue, 0)).Upload.CompareTo(Guid.Empty));

        Assert.Equal(before, StoredOf("party"));
        Assert.Equal(PartyOutcome.Counted, (await party.SendAsync(order, update)).Receipt!.Outcome);
    }

    [Fact]
    public async Task Submit_TheSameUpdateAgain_GetsTheSameReceipt_AndOtherBytesAreRefused_AlsoAfterARestart()
    {
        PartyOrder order;
        byte[] update;
        PartyReceipt receipt;
        byte[] key;
        PartyTicket ticket;
        await using (var remote = await RemoteFederation.StartAsync(1, _states, _models))
        {
            await remote.Cluster.StartRunAsync(RemoteFederation.Request("mf"));
            var party = remote.Parties[0];
            order = await remote.AskedAsync();
            update = await party.TrainAsync(order);
            receipt = (await party.SendAsync(order, update)).Receipt!;
            Assert.Equal(receipt, (await party.SendAsync(order, update)).Receipt);
            Assert.Equal(PartyUpdateFault.OtherBytes, (await party.SendAsync(order, Changed(update))).Fault);
            (key, ticket) = (party.Key.ExportECPrivateKey(), party.Ticket);
        }

        await using var again = await TestFederation.StartAsync(1, _states, _models, resumeUnfinished: false);
        using var same = LocalParty.Again(again.Grains, RemoteFederation.Name, ticket, key);
        Assert.Equal(receipt, (await same.SendAsync(order, update)).Receipt);
        Assert.Equal(PartyUpdateFault.OtherBytes, (await same.SendAsync(order, Changed(update))).Fault);
        Assert.Equal(1, (await same.Twin.GetAsync())!.Counted);
    }

    // A party sends one update at a time, and sends it again until it hears of it: others of its own cannot come between. So 16 receipts are far more than one that is heard of late needs.
    [Fact]
    public async Task Submit_AnUpdateOfManyRoundsAgo_GetsItsReceipt_AndOneOfBeforeTheReceiptsIsNotCountedAgain()
    {
        await using var remote = await RemoteFederation.StartAsync(1, _states, _models);
        var party = remote.Parties[0];
        var sent = new List<(PartyOrder Order, byte[] Update, PartyReceipt? Receipt)>();
        await remote.Cluster.StartRunAsync(RemoteFederation.Request("mf") with { Rounds = new RoundSettings { Count = PartyState.MostReceipts + 1 } });
        remote.Work(remote.Parties[1], remote.Parties[2]);
        for (var round = 1; round <= PartyState.MostReceipts + 1; round++)
        {
            if (round == PartyState.MostReceipts + 1)
            {
                Assert.Equal(sent[0].Receipt, (await party.SendAsync(sent[0].Order, sent[0].Update)).Receipt); // the oldest of all that are kept
            }

            PartyOrder? order = null;
            await Waiting.UntilAsync(async () => (order = await party.Twin.PollAsync(TimeSpan.FromSeconds(5))) is { Evaluation: null } && order.Update.Round == round, $"round {round} is asked");
            var update = await party.TrainAsync(order!);
            sent.Add((order!, update, (await party.SendAsync(order!, update)).Receipt));
        }

        var forgotten = await party.SendAsync(sent[0].Order, sent[0].Update);
        var kept = await party.SendAsync(sent[1].Order, sent[1].Update);

        Assert.All(sent, one => Assert.Equal(PartyOutcome.Counted, one.Receipt!.Outcome));
        Assert.Equal(new PartySubmission(PartyUpdateFault.NotAsked, null), forgotten);
        Assert.Equal(sent[1].Receipt, kept.Receipt);
        Assert.Equal(PartyState.MostReceipts + 1, (await party.Twin.GetAsync())!.Counted);
    }

    // The events of a run are in the memory of the silo that drives it; why a party refused is stored before anybody is told.
    [Fact]
    public async Task Refusals_OverARestart_AreKept_WithWhatTheyWereOf_AndMayBeRepeated()
    {
        PartyRecord before;
        PartyUpdateId refused;
        byte[] key;
        PartyTicket ticket;
        await using (var remote = await RemoteFederation.StartAsync(1, _states, _models))
        {
            var party = remote.Parties[0];
            await party.AdmitAsync(); // the curve's beginning is asked of whoever is there
            await remote.Cluster.StartRunAsync(RemoteFederation.Request("mf"));
            PartyOrder? order = null;
            await Waiting.UntilAsync(async () => (order = await party.Twin.PollAsync(TimeSpan.FromSeconds(5))) is not null, "the party is asked");
            Assert.True(await party.Twin.RefuseEvaluationAsync(order!.Evaluation!.Id, "nothing is looked at"));
            refused = (await remote.AskedAsync()).Update;
            _states.FailWritesOf = "party";
            await Assert.ThrowsAnyAsync<Exception>(() => party.Twin.RefuseAsync(refused, "not stored, so nobody was told"));
            _states.FailWritesOf = null;
            Assert.True(await party.Twin.RefuseAsync(refused, "no training today"));
            (before, key, ticket) = ((await party.Twin.GetAsync())!, party.Key.ExportECPrivateKey(), party.Ticket);
        }

        await using var again = await TestFederation.StartAsync(1, _states, _models, resumeUnfinished: false);
        using var same = LocalParty.Again(again.Grains, RemoteFederation.Name, ticket, key);
        var after = (await same.Twin.GetAsync())!;

        Assert.Equal([("run-1", true, "nothing is looked at"), ("run-1", false, "no training today")], after.Refusals.Select(refusal => (refusal.Update.Run, refusal.OfEvaluation, refusal.Reason)));
        Assert.Equal(before.Refusals.Select(refusal => (refusal.Update, refusal.At.ToUnixTimeMilliseconds())), after.Refusals.Select(refusal => (refusal.Update, refusal.At.ToUnixTimeMilliseconds())));
        Assert.Equal((2L, before.Runs.Single()), (after.Refused, after.Runs.Single()));
        Assert.True(await same.Twin.RefuseAsync(refused, "again, for whoever has not heard the answer"));
        Assert.Equal(2, (await same.Twin.GetAsync())!.Refusals.Length);
    }

    [Theory]
    [InlineData(0)] // that it is offered, before its round sees it
    [InlineData(1)] // what became of it
    public async Task Submit_CutOffAtAWrite_CountsTheUpdateOnceWhenItIsSentAgain(int write)
    {
        await using var remote = await RemoteFederation.StartAsync(1, _states, _models);
        await remote.Cluster.StartRunAsync(RemoteFederation.Request("mf") with { Rounds = new RoundSettings { Count = 1 } });
        var (party, order) = (remote.Parties[0], await remote.AskedAsync());
        var (update, writes) = (await party.TrainAsync(order), 0);
        _states.FailWritesOf = write == 0 ? "party" : null;
        _states.OnWrite = state => _states.FailWritesOf = state == "party" && ++writes == write ? "party" : _states.FailWritesOf;

        await Assert.ThrowsAnyAsync<Exception>(() => party.SendAsync(order, update));
        (_states.OnWrite, _states.FailWritesOf) = (_ => { }, null);
        Assert.Equal(PartyOutcome.Counted, (await party.SendAsync(order, update)).Receipt!.Outcome);
        remote.Work(remote.Parties[1], remote.Parties[2]);
        var run = await remote.Cluster.WaitAsync(RemoteFederation.Name, "run-1");

        Assert.Equal((RunPhase.Completed, 1L), (run.Phase, (await party.Twin.GetAsync())!.Counted));
        var round = Assert.Single(run.Rounds);
        Assert.Equal((3, 0), (round.Participants, round.Dropped));
    }

    [Fact]
    public async Task Join_WithAnotherSecretOrKeyOrWithoutTheKeyOrTooLate_IsRefusedAndLeavesNoTrace()
    {
        await using var remote = await RemoteFederation.StartAsync(1, _states, _models);
        using var east = new LocalParty(remote.Cluster.Grains, RemoteFederation.Name, "east", []);
        await east.InviteAsync();
        var before = StoredOf("party");
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var key = east.Key.ExportSubjectPublicKeyInfo();

        var wrong = await east.Twin.JoinAsync(new PartyJoin(new byte[32], key, new byte[64]));
        var unproven = await east.Twin.JoinAsync(new PartyJoin(east.Ticket.Secret, key, new byte[64]));
        Assert.Equal((PartyJoinOutcome.NotInvited, PartyJoinOutcome.NotProven), (wrong, unproven));
        Assert.Equal(before, StoredOf("party"));
        await Assert.ThrowsAsync<ArgumentException>(() => east.Parties.SetStandingAsync("east", PartyStanding.Active));

        Assert.Equal(PartyJoinOutcome.Pending, await east.JoinAsync());
        Assert.Equal(PartyJoinOutcome.Pending, await east.JoinAsync()); // again, for whoever has not heard the answer
        Assert.Equal(PartyJoinOutcome.Used, await east.JoinAsync(other));
        Assert.Equal(PartyFingerprint.Of(key), (await east.Twin.GetAsync())!.Fingerprint);
        Assert.Null((await east.Twin.GetAsync())!.Client);
    }

    [Fact]
    public async Task Admit_AUsedTokenOrOneOfBeforeARestartOrOfAPartyThatMayNot_SaysWhy()
    {
        await using var remote = await RemoteFederation.StartAsync(1, _states, _models);
        var party = remote.Parties[0];
        var token = new PartyToken("once", (await party.Twin.GetCredentialAsync())!.Nonce, DateTimeOffset.UtcNow.AddMinutes(5), "");

        Assert.Equal(PartyAdmission.Admitted, await party.Twin.AdmitAsync(token));
        Assert.Equal(PartyAdmission.Replayed, await party.Twin.AdmitAsync(token));
        Assert.Equal(PartyAdmission.OldNonce, await party.Twin.AdmitAsync(token with { Id = "two", Nonce = "of before" }));
        await party.Parties.SetStandingAsync("north", PartyStanding.Suspended);
        Assert.Equal(PartyAdmission.Suspended, await party.Twin.AdmitAsync(token with { Id = "three" }));
        await party.Parties.SetStandingAsync("north", PartyStanding.Removed);
        Assert.Equal(PartyAdmission.Removed, await party.Twin.AdmitAsync(token with { Id = "four" }));
        await Assert.ThrowsAsync<ArgumentException>(() => party.Parties.SetStandingAsync("north", PartyStanding.Active));
        await Assert.ThrowsAsync<ArgumentException>(() => party.InviteAsync());
    }

    private static byte[] Changed(byte[] update) => [.. update.Select((one, place) => place == update.Length - 1 ? (byte)(one ^ 1) : one)];

    private string StoredOf(string state) => string.Join('\n', _states.Stored.Where(record => record.Key.StartsWith(state + "-", StringComparison.Ordinal)).OrderBy(record => record.Key, StringComparer.Ordinal).Select(record => $"{record.Key} {Convert.ToHexString(record.Value)}"));
}
