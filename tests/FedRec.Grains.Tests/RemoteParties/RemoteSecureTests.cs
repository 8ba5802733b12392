using System.Collections.Concurrent;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Grains.RemoteParties;

namespace FedRec.Grains.Tests.RemoteParties;

/// <summary>Parties with processes of their own, whose updates the coordinator sees masked.</summary>
public sealed class RemoteSecureTests
{
    [Theory]
    [InlineData("ease", 1)]
    [InlineData("mf", 2)]
    public async Task Run_WithMaskedUpdates_GivesTheBytesOfOneWithout(string learner, short silos)
    {
        await using var remote = await RemoteFederation.StartAsync(silos);
        remote.Work();
        var open = await remote.Cluster.RunAsync(RemoteFederation.Request(learner));

        var masked = await remote.Cluster.RunAsync(Masked(learner));

        Assert.Equal((RunPhase.Completed, open.Sha256), (masked.Phase, masked.Sha256));
        Assert.Equal(open.Rounds.Select(round => (round.Participants, round.Loss, round.Dropped)), masked.Rounds.Select(round => (round.Participants, round.Loss, round.Dropped)));
        var keys = remote.Parties.Select((party, number) => (number, PartyStatements.Sha256(party.Key.ExportSubjectPublicKeyInfo()))).ToArray();
        Assert.All(remote.Parties.SelectMany(party => party.Peers), peers => Assert.Equal(keys, peers.Select(peer => (peer.Key, peer.Value)))); // everybody's own keys, in each round
        Assert.Equal(masked.RoundsDone, remote.Parties[0].Peers.Count);
    }

    // Of five, two thirds and one are enough, whenever the fifth goes away.
    [Theory]
    [InlineData(SecureStep.Advertise)]
    [InlineData(SecureStep.Share)]
    [InlineData(SecureStep.Mask)]
    [InlineData(SecureStep.Consent)]
    [InlineData(SecureStep.Unmask)]
    public async Task Run_OfWhichAPartyGoesAway_GoesOnWithTheOthers(SecureStep step)
    {
        await using var remote = await RemoteFederation.StartAsync(1, parties: 5);
        var leaving = remote.Parties[4];
        remote.Work(remote.Parties[..4]);
        var receipt = await remote.Cluster.StartRunAsync(Masked("mf") is var request ? request with { Rounds = request.Rounds with { Count = 1, Quorum = 0.5 } } : request);

        Assert.True(await leaving.Twin.RefuseAsync((await UpToAsync(leaving, step)).Update, "the machine is needed otherwise"));
        var rest = leaving.WorkAsync(remote.Stopping.Token); // evaluations wait for it

        var run = await remote.Cluster.WaitAsync(RemoteFederation.Name, receipt.RunId);
        Assert.Equal((RunPhase.Completed, step > SecureStep.Mask ? 5 : 4), (run.Phase, run.Rounds[0].Participants));
        await remote.Stopping.CancelAsync();
        await rest;
    }

    [Fact]
    public async Task Update_ThatIsNotMasked_OrNotAsItWasSigned_IsRefused()
    {
        await using var remote = await RemoteFederation.StartAsync(1, parties: 4);
        await remote.Cluster.StartRunAsync(Masked("mf"));
        remote.Work(remote.Parties[1..]);
        var party = remote.Parties[0];
        var order = await UpToAsync(party, SecureStep.Mask);
        var masked = await party.TrainAsync(order);
        var changed = masked.ToArray();
        changed[^9] ^= 1;

        await Assert.ThrowsAsync<ArgumentException>(() => party.TrainAsync(order with { Secure = null }));
        Assert.Equal(PartyUpdateFault.Unreadable, (await party.SendAsync(order, changed)).Fault);
        Assert.Equal(PartyUpdateFault.Unreadable, (await party.SendAsync(order, masked[..^8])).Fault);
        Assert.False(await party.Twin.AnswerAsync(order.Update, SecureStep.Mask, masked));
        Assert.False(await party.Twin.AnswerAsync(order.Update, SecureStep.Consent, masked));
        Assert.Null((await party.SendAsync(order, masked)).Fault);
    }

    // The coordinator tells one party that it trains from something else: it takes no part, and is told what differs.
    [Fact]
    public async Task Order_WhoseModelIsAnotherThanTheRounds_IsNotFollowed()
    {
        await using var remote = await RemoteFederation.StartAsync(1, parties: 4);
        await remote.Cluster.StartRunAsync(Masked("mf"));
        var party = remote.Parties[0];
        var order = await UpToAsync(party, SecureStep.Advertise);

        var model = await party.FetchAsync(order.ModelSha256);
        model[0] ^= 1;
        var catalogue = await party.FetchAsync(order.CatalogueSha256);

        var refusal = Assert.Throws<InvalidDataException>(() => new RemoteSecureRound(party.Trainer, order, catalogue, model, EcdsaP256.Signer(party.Key)));
        Assert.Contains("another model", refusal.Message, StringComparison.Ordinal);
    }

    // Nothing that reaches a round, or a silo from another, is the sum of what one party would send without masks.
    [Fact]
    public async Task Messages_OfMaskedRuns_HoldNoUpdateOfAParty()
    {
        await using var open = await RemoteFederation.StartAsync(1, parties: 4);
        var updates = new ConcurrentBag<byte[]>();
        open.Cluster.Gate.After = call => Note(call, updates);
        open.Work();
        await open.Cluster.RunAsync(RemoteFederation.Request("mf"));
        await using var masked = await RemoteFederation.StartAsync(1, parties: 4);
        var messages = new ConcurrentBag<byte[]>();
        masked.Cluster.Gate.After = call => Note(call, messages);
        masked.Work();
        await masked.Cluster.RunAsync(Masked("mf"));

        var pieces = updates.Select(update => Convert.ToHexString(update.AsSpan(update.Length / 2 / 8 * 8, 64))).Where(piece => piece.Trim('0').Length > 32).Distinct().ToArray();
        Assert.True(pieces.Length >= 4);
        Assert.All(messages, message => Assert.DoesNotContain(pieces, piece => Convert.ToHexString(message).Contains(piece, StringComparison.Ordinal)));

        static void Note(IIncomingGrainCallContext call, ConcurrentBag<byte[]> seen)
        {
            if (call is { Grain: IRoundGrain, MethodName: nameof(IRoundGrain.SubmitAsync) } && call.Request.GetArgument(0) is PartialSum { Values.IsEmpty: false } sum)
            {
                seen.Add(sum.Values.ToArray());
            }
        }
    }

    private static RunRequest Masked(string learner) => RemoteFederation.Request(learner) is var request ? request with { Rounds = request.Rounds with { Aggregator = "secure-mean", Deadline = TimeSpan.FromMinutes(10) } } : request; // a machine that is busy loses no party

    // Does what it is asked until it is asked for a step.
    private static async Task<PartyOrder> UpToAsync(LocalParty party, SecureStep step)
    {
        PartyOrder? order = null;
        await Waiting.UntilAsync(async () =>
        {
            await party.AdmitAsync();
            order = await party.Twin.PollAsync(TimeSpan.FromMilliseconds(200));
            if (order is null || order.Secure?.Step == step)
            {
                return order is not null;
            }

            await party.DoAsync(order);
            return false;
        });
        return order!;
    }
}
