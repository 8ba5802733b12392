using FedRec.Contracts.RemoteParties;
using FedRec.Core.Snapshots;

namespace FedRec.Grains.Tests.RemoteParties;

/// <summary>An activation ends only after its last call, and polls are such calls: whatever ends a twin answers them first. Timers of the silo never end here.</summary>
public sealed class PartyWaitTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20); // without the law it is as long as Orleans waits for calls
    private readonly SurvivingStorage _states = new();
    private readonly MemoryModelStore _models = new();

    [Fact]
    public async Task Forget_AnswersWhoeverWaits_AndThePartyMayBeInvitedAnewAtOnce()
    {
        await using var remote = await RemoteFederation.StartAsync(1, _states, _models);
        var (party, poll) = await WaitingAsync(remote);

        Assert.True(await party.Parties.ForgetAsync(party.Name).WaitAsync(s_limit));

        Assert.Null(await poll.WaitAsync(s_limit));
        await party.EnterAsync().WaitAsync(s_limit);
    }

    [Fact]
    public async Task SiloThatStops_AnswersWhoeverWaits()
    {
        await using var remote = await RemoteFederation.StartAsync(2, _states, _models);
        var (party, poll) = await WaitingAsync(remote);
        var silo = await remote.Cluster.SiloOfAsync(party.Twin);

        await remote.Cluster.Cluster.StopSiloAsync(remote.Cluster.Cluster.Silos.Single(one => one.SiloAddress.Equals(silo))).WaitAsync(s_limit);

        Assert.Null(await poll.WaitAsync(s_limit));
    }

    [Fact]
    public async Task WriteThatFails_AnswersWhoeverWaits_AndTheNextCallReadsTheStoreAgain()
    {
        await using var remote = await RemoteFederation.StartAsync(1, _states, _models);
        var (party, poll) = await WaitingAsync(remote);

        _states.FailWritesOf = "party";
        await Assert.ThrowsAnyAsync<Exception>(() => party.Twin.ReportAsync(new PartyReport(99, 9)));
        _states.FailWritesOf = null;

        Assert.Null(await poll.WaitAsync(s_limit));
        Assert.Equal(party.Trainer.Report, (await party.Twin.GetAsync().WaitAsync(s_limit))!.Report);
    }

    private static async Task<(LocalParty Party, Task<PartyOrder?> Poll)> WaitingAsync(RemoteFederation remote)
    {
        remote.Time.HoldsTimers = true;
        var party = remote.Parties[0];
        var poll = party.Twin.PollAsync(TimeSpan.FromSeconds(10));
        await party.Twin.GetCredentialAsync(); // comes after it
        return (party, poll);
    }
}
