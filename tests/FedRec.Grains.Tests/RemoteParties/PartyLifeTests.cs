using System.Security.Cryptography;
using FedRec.Contracts.RemoteParties;
using FedRec.Core.Snapshots;

namespace FedRec.Grains.Tests.RemoteParties;

/// <summary>What a party's twin does over years: another key, a coordinator that moves, a copy by mistake, an update that was cut off, and the end of it.</summary>
public sealed class PartyLifeTests
{
    private readonly SurvivingStorage _states = new();
    private readonly MemoryModelStore _models = new();

    [Fact]
    public async Task Rotate_SignedWithBothKeys_TakesTheNewOne_AndTheOneBeforeIsGoodForAnHourMore()
    {
        await using var remote = await RemoteFederation.StartAsync(1, _states, _models);
        await remote.Cluster.StartRunAsync(RemoteFederation.Request("mf"));
        var (party, order) = (remote.Parties[0], await remote.AskedAsync());
        var (update, before) = (await party.TrainAsync(order), StoredOf("party"));
        using var next = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var thief = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var nonces = new List<string> { (await party.Twin.GetCredentialAsync())!.Nonce };

        Assert.Equal(PartyRotationOutcome.NotProven, await RotateAsync(party, from: thief, to: next, of: party.Key));
        Assert.Equal(PartyRotationOutcome.NotProven, await RotateAsync(party, from: party.Key, to: next, of: party.Key, proof: thief));
        Assert.Equal(before, StoredOf("party"));
        Assert.Equal(PartyRotationOutcome.Rotated, await RotateAsync(party, from: party.Key, to: next, of: party.Key));
        var after = StoredOf("party");
        Assert.Equal(PartyRotationOutcome.Rotated, await RotateAsync(party, from: party.Key, to: next, of: party.Key)); // again, for whoever has not heard the answer
        Assert.Equal(PartyRotationOutcome.NotProven, await RotateAsync(party, from: party.Key, to: thief, of: party.Key)); // the old one changes nothing more
        Assert.Equal(after, StoredOf("party"));

        Assert.Equal(PartyFingerprint.Of(next.ExportSubjectPublicKeyInfo()), (await party.Twin.GetAsync())!.Fingerprint);
        Assert.Equal(PartyUpdateFault.NotSigned, (await party.SendAsync(order, update, by: thief)).Fault);
        var credential = (await party.Twin.GetCredentialAsync())!;
        Assert.Equal((Of(next), Of(party.Key)), (Convert.ToHexString(credential.PublicKey.Span), Convert.ToHexString(credential.EarlierKey.Span)));
        Assert.Equal(PartyOutcome.Counted, (await party.SendAsync(order, update)).Receipt!.Outcome); // what was on its way
        remote.Time.Skip(PartyLimits.KeyOverlap);
        var alone = (await party.Twin.GetCredentialAsync())!;
        Assert.True(alone.EarlierKey.IsEmpty);
        nonces.AddRange(credential.Nonce, alone.Nonce);
        Assert.Equal(3, nonces.Distinct().Count()); // what somebody keeps a credential by changes with it
        Assert.Equal(alone.Nonce, (await party.Twin.GetCredentialAsync())!.Nonce);
        Assert.NotEqual(PartyAdmission.Admitted, await party.Twin.AdmitAsync(new PartyToken("of the key before", credential.Nonce, remote.Time.GetUtcNow().AddMinutes(5), "")));
    }

    [Fact]
    public async Task Rotate_AfterTheOverlap_TheKeyOfBeforeSignsNoUpdate()
    {
        await using var remote = await RemoteFederation.StartAsync(1, _states, _models);
        await remote.Cluster.StartRunAsync(RemoteFederation.Request("mf"));
        var (party, order) = (remote.Parties[0], await remote.AskedAsync());
        using var next = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Equal(PartyRotationOutcome.Rotated, await RotateAsync(party, from: party.Key, to: next, of: party.Key));
        var update = await party.TrainAsync(order);

        remote.Time.Skip(PartyLimits.KeyOverlap);

        Assert.Equal(PartyUpdateFault.NotSigned, (await party.SendAsync(order, update)).Fault);
        Assert.Equal(PartyOutcome.Counted, (await party.SendAsync(order, update, by: next)).Receipt!.Outcome);
    }

    [Fact]
    public async Task Admit_AnotherCopyOfTheParty_IsRefusedWhileTheFirstOneIsThere()
    {
        await using var remote = await RemoteFederation.StartAsync(1, _states, _models);
        var twin = remote.Parties[0].Twin;
        var (nonce, number) = ((await twin.GetCredentialAsync())!.Nonce, 0);
        Task<PartyAdmission> AskAsync(string copy) => twin.AdmitAsync(new PartyToken($"{++number}", nonce, remote.Time.GetUtcNow().AddMinutes(5), copy));

        Assert.Equal(PartyAdmission.Admitted, await AskAsync("one"));
        Assert.Equal(PartyAdmission.OtherCopy, await AskAsync("two"));
        remote.Time.Skip(PartyLimits.CopyPatience - TimeSpan.FromSeconds(1));
        Assert.Equal(PartyAdmission.OtherCopy, await AskAsync("two")); // who is refused is not taken for being there
        Assert.Equal(PartyAdmission.Admitted, await AskAsync("one"));
        Assert.Equal(PartyAdmission.Admitted, await AskAsync("")); // one that does not say
        remote.Time.Skip(PartyLimits.CopyPatience);
        Assert.Equal(PartyAdmission.Admitted, await AskAsync("two"));
        Assert.Equal(PartyAdmission.OtherCopy, await AskAsync("one"));
    }

    [Fact]
    public async Task Report_OfCounts_IsKept_AndOneThatCannotBeLeavesNoTrace()
    {
        await using var remote = await RemoteFederation.StartAsync(1, _states, _models);
        var (twin, now) = (remote.Parties[0].Twin, remote.Time.GetUtcNow());
        var report = new PartyReport(30, 7) { MatchedItems = PartyReport.MostItems, UnmatchedItems = 0, ReadAt = now + PartyReport.MostAhead };
        await twin.ReportAsync(report);

        foreach (var wrong in new[]
        {
            report with { Users = -1 }, report with { SizeClass = 32 }, report with { MatchedItems = -1 }, report with { MatchedItems = PartyReport.MostItems + 1 }, report with { UnmatchedItems = -1 },
            report with { UnmatchedItems = int.MaxValue }, report with { ReadAt = DateTimeOffset.UnixEpoch.AddTicks(-1) }, report with { ReadAt = now + PartyReport.MostAhead + TimeSpan.FromMinutes(1) },
        })
        {
            await Assert.ThrowsAsync<ArgumentException>(() => twin.ReportAsync(wrong with { Users = wrong.Users < 0 ? -1 : 31 }));
        }

        Assert.Equal((report, 30), ((await twin.GetAsync())!.Report, (await twin.GetAsync())!.Users));
        await twin.ReportAsync(new PartyReport(30, 7)); // its owner has thought better of it
        Assert.Equal(new PartyReport(30, 7), (await twin.GetAsync())!.Report);
    }

    [Fact]
    public async Task Update_ThatWasCutOff_GoesOnWhereItEnded_AndCountsOnce()
    {
        await using var remote = await RemoteFederation.StartAsync(1, _states, _models);
        await remote.Cluster.StartRunAsync(RemoteFederation.Request("mf"));
        var (party, order) = (remote.Parties[0], await remote.AskedAsync());
        var (update, half) = (await party.TrainAsync(order), 100);
        var first = await party.Twin.OpenUpdateAsync(order.Update, update.Length, 0);
        Assert.True(await party.Twin.AddBlockAsync(first.Upload, 0, update.AsMemory(0, half)));

        Assert.Equal(half, (await party.Twin.ReceivedAsync(order.Update)).Received);
        Assert.Equal((Guid.Empty, half), Refused(await party.Twin.OpenUpdateAsync(order.Update, update.Length, half + 1)));
        Assert.Equal((Guid.Empty, half), Refused(await party.Twin.OpenUpdateAsync(order.Update, update.Length - 1, half)));
        Assert.Equal((Guid.Empty, 0L), Refused(await party.Twin.OpenUpdateAsync(order.Update with { Attempt = 9 }, update.Length, half)));
        var rest = await party.Twin.OpenUpdateAsync(order.Update, update.Length, half);
        Assert.False(await party.Twin.AddBlockAsync(first.Upload, half, update.AsMemory(half))); // a late block of the request that was cut off
        Assert.True(await party.Twin.AddBlockAsync(rest.Upload, half, update.AsMemory(half)));
        var statement = PartyStatements.OfUpdate(RemoteFederation.Name, party.Ticket.Server, party.Ticket.Party, order, PartyStatements.Sha256(update));
        var sent = await party.Twin.SubmitAsync(rest.Upload, PartyKeys.Sign(party.Key, statement));

        Assert.Equal(PartyOutcome.Counted, sent.Receipt!.Outcome);
        Assert.Equal(1, (await party.Twin.GetAsync())!.Counted);
        Assert.Equal(0, (await party.Twin.ReceivedAsync(order.Update)).Received);
    }

    [Fact]
    public async Task Move_IsSignedAndHeardOfByEveryParty_AlsoAfterARestart_AndInvitationsKnowOfIt()
    {
        PartyTicket ticket, later;
        byte[] key;
        PartyMove? moved;
        await using (var remote = await RemoteFederation.StartAsync(1, _states, _models))
        {
            (ticket, key) = (remote.Parties[0].Ticket, remote.Parties[0].Key.ExportECPrivateKey());
            moved = await remote.Parties[0].Parties.MoveAsync("https://new.example.org/", "abcd");
            Assert.Equal(moved, await remote.Parties[0].Parties.MoveAsync("https://new.example.org/", "abcd"), SameNotice);
            using var east = new LocalParty(remote.Cluster.Grains, RemoteFederation.Name, "east", []);
            await east.InviteAsync();
            later = east.Ticket;
        }

        await using var again = await TestFederation.StartAsync(1, _states, _models, resumeUnfinished: false);
        using var party = LocalParty.Again(again.Grains, RemoteFederation.Name, ticket, key);
        var heard = (await party.Twin.GetCredentialAsync())!.Moved!;

        Assert.Equal((moved!.Url, 1L, 0L, 1L), (heard.Url, heard.Number, ticket.Moves, later.Moves));
        Assert.True(PartyMoves.IsNext(PartyMoves.TryRead(PartyMoves.Write(heard))!, RemoteFederation.Name, ticket.Server, ticket.ServerKey.Span, after: 0));
        Assert.False(PartyMoves.IsNext(heard, RemoteFederation.Name, ticket.Server, ticket.ServerKey.Span, after: 1)); // not back by a notice of before
        Assert.False(PartyMoves.IsNext(heard with { Url = "https://thief.example.org/" }, RemoteFederation.Name, ticket.Server, ticket.ServerKey.Span, after: 0));
        Assert.False(PartyMoves.IsNext(heard with { Pin = "" }, RemoteFederation.Name, ticket.Server, ticket.ServerKey.Span, after: 0));
        Assert.False(PartyMoves.IsNext(heard, "other", ticket.Server, ticket.ServerKey.Span, after: 0));
        Assert.Equal(2, (await party.Parties.MoveAsync("https://newer.example.org/", ""))!.Number);
        Assert.Equal(2, (await party.Twin.GetCredentialAsync())!.Moved!.Number);
    }

    [Fact]
    public async Task Forget_LeavesNothingOfTheParty_ItsRoundGoesOn_AndItMayBeInvitedAnew()
    {
        await using var remote = await RemoteFederation.StartAsync(1, _states, _models);
        await remote.Cluster.StartRunAsync(RemoteFederation.Request("mf") with { Rounds = new Contracts.Runs.RoundSettings { Count = 1 } });
        var (order, party) = (await remote.AskedAsync(), remote.Parties[0]);
        Assert.True(await party.Twin.RefuseAsync(order.Update, "our wombats are busy"));
        Assert.True(IsStored("our wombats"));
        remote.Work(remote.Parties[1], remote.Parties[2]);

        Assert.True(await party.Parties.ForgetAsync(party.Name));

        var run = await remote.Cluster.WaitAsync(RemoteFederation.Name, "run-1");
        Assert.Equal((2, 1), (Assert.Single(run.Rounds).Participants, run.Rounds[0].Dropped));
        Assert.Null(await party.Twin.GetAsync());
        Assert.Null(await party.Twin.GetCredentialAsync());
        Assert.DoesNotContain((await party.Parties.ListAsync()), one => one.Name == party.Name);
        Assert.False(IsStored(party.Name) || IsStored("our wombats"));
        Assert.False(await party.Parties.ForgetAsync(party.Name));
        await party.EnterAsync(); // with another code
        Assert.Equal(PartyStanding.Active, (await party.Twin.GetAsync())!.Standing);
    }

    private bool IsStored(string text) => _states.Stored.Any(record => record.Value.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(text)) >= 0);

    private static (Guid, long) Refused(PartyUploadAnswer answer) => (answer.Upload, answer.Received);

    private static bool SameNotice(PartyMove? one, PartyMove? other) => PartyMoves.Write(one!) == PartyMoves.Write(other!);

    private static string Of(ECDsa key) => Convert.ToHexString(key.ExportSubjectPublicKeyInfo());

    private static Task<PartyRotationOutcome> RotateAsync(LocalParty party, ECDsa from, ECDsa to, ECDsa of, ECDsa? proof = null)
    {
        var key = to.ExportSubjectPublicKeyInfo();
        var statement = PartyStatements.OfRotation(RemoteFederation.Name, party.Ticket.Server, party.Ticket.Party, of.ExportSubjectPublicKeyInfo(), key);
        return party.Twin.RotateAsync(new PartyRotation(key, PartyKeys.Sign(from, statement), PartyKeys.Sign(proof ?? to, statement)));
    }

    private string StoredOf(string state) => string.Join('\n', _states.Stored.Where(record => record.Key.StartsWith(state + "-", StringComparison.Ordinal)).OrderBy(record => record.Key, StringComparer.Ordinal).Select(record => $"{record.Key} {Convert.ToHexString(record.Value)}"));
}
