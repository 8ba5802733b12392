using FedRec.Contracts.Rounds;
using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Grains.Training;

namespace FedRec.Grains.Runs;

/// <summary>The rounds of a run without a server, all of whose clients are simulated on this silo.</summary>
/// <remarks>Nothing of the clients' models is stored: after a crash their rounds are gone through again, to the same models.</remarks>
internal sealed class GossipRounds(RunContext run, RunServices services)
{
    private readonly GossipFederation _peers = new(
        run.Algorithm,
        GossipGraph.Create(run.Request.Rounds.Topology ?? GossipGraph.Ring, run.Clients, run.Request.Seed),
        new SimulatedFaults(run.Request.Rounds.Dropout, run.Request.Rounds.Straggler),
        run.Request.Seed);

    /// <summary>Goes through a round, and first through those before it that this process has not gone through.</summary>
    /// <param name="round">The round, from 1; none before the last one.</param>
    /// <param name="stopping">The silo stops.</param>
    /// <returns>What it did, and the average of the clients' models.</returns>
    public async Task<(RoundRecord Record, ServerState Average)> NextAsync(int round, CancellationToken stopping)
    {
        while (true)
        {
            var start = services.Time.GetTimestamp();
            await TrainAsync(stopping);
            var (number, mixed) = (_peers.Round, await Task.Run(_peers.Mix, stopping));
            if (number == round)
            {
                return (RecordOf(round, mixed, services.Time.GetElapsedTime(start)), _peers.Average);
            }
        }
    }

    private async Task TrainAsync(CancellationToken stopping)
    {
        var (clients, next) = (run.SimulatedFor("mode gossip").Partition, -1);
        await Task.WhenAll(Enumerable.Range(0, services.Pools.Training.Slots).Select(_ => services.Pools.Training.RunAsync(slot =>
        {
            using var kernels = run.Kernels(slot);
            for (int peer; !stopping.IsCancellationRequested && (peer = Interlocked.Increment(ref next)) < run.Clients;)
            {
                _peers.Train(peer, clients.Client(peer), kernels.Worker, kernels.Buffer);
            }

            return true;
        })));
        stopping.ThrowIfCancellationRequested();
    }

    private RoundRecord RecordOf(int round, GossipRound mixed, TimeSpan took) => new()
    {
        Round = round,
        Phase = (mixed.TookPart > 0 ? RoundPhase.Committed : RoundPhase.Abandoned).ToString(),
        Reason = mixed.TookPart > 0 ? null : "no client took part",
        Asked = run.Clients,
        Participants = mixed.TookPart,
        Dropped = mixed.Dropped,
        Late = mixed.Late,
        Rejected = mixed.Rejected,
        Loss = mixed.Loss,
        LargestShare = 1.0 / run.Clients,
        BytesUp = mixed.Bytes,
        Milliseconds = took.TotalMilliseconds,
        VirtualSeconds = mixed.Time * run.Request.Rounds.Deadline.TotalSeconds,
        ConsensusDistance = mixed.ConsensusDistance,
    };
}
