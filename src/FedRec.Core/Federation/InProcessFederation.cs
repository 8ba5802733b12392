using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Updates;

namespace FedRec.Core.Federation;

/// <summary>Drives a federation in a loop on one thread: what a cluster does, without one.</summary>
/// <remarks>The same <see cref="FederatedAlgorithm"/> and <see cref="Round"/> that the grains drive, so the same bytes. For tests, and for what is no federation
/// but is compared with one: a party that trains alone, and pooled training.</remarks>
/// <param name="learner">What is trained.</param>
/// <param name="optimizerOf">The server optimizer of a round, from 1.</param>
/// <param name="weighting">How clients are weighted; their sizes are taken into account here.</param>
public sealed class InProcessFederation(ILearner learner, Func<int, IServerOptimizer> optimizerOf, ClientWeighting weighting)
{
    /// <summary>What makes one thing of the updates. Default: the mean.</summary>
    public IAggregator Aggregator { get; init; } = MeanAggregator.Instance;

    /// <summary>What each update goes through first. Default: nothing.</summary>
    public UpdatePipeline Steps { get; init; } = UpdatePipeline.Empty;

    /// <summary>Who is asked, and how many have to answer. Default: everybody.</summary>
    public CohortOptions Cohort { get; init; } = CohortOptions.Everybody;

    /// <summary>Largest share of all weights that one client may have; 0 for no limit. Default: 0.</summary>
    public double MaxShare { get; init; }

    /// <summary>Who drops out and who comes too late. Default: nobody.</summary>
    public SimulatedFaults Faults { get; init; } = new(0, 0);

    /// <summary>Trains from version 0, until the rounds are done or everything is counted.</summary>
    /// <param name="clients">At least one.</param>
    /// <param name="rounds">Rounds, at least 1; those that are abandoned count.</param>
    /// <param name="seed">Seed of every draw.</param>
    /// <param name="start">Parameters of version 0; null for those the learner begins with. Default: null.</param>
    /// <returns>The parameters after the last round.</returns>
    /// <exception cref="ArithmeticException">A round was abandoned as updates were not finite or out of range, or it led to a model that is not finite.</exception>
    public ReadOnlyMemory<float> Train(IReadOnlyList<ClientData> clients, int rounds, ulong seed, ReadOnlyMemory<float>? start = null)
    {
        var options = new FederatedOptions(new UpdateWay(Steps, Aggregator), weighting, optimizerOf, seed) { Cohort = Cohort, MaxShare = MaxShare };
        var algorithm = new FederatedAlgorithm(learner, options, clients.Count, [.. clients.Select(client => client.InteractionCount)]);
        var (state, kept) = (algorithm.Init(start), new ReadOnlyMemory<byte>[clients.Count]);
        using var worker = learner.CreateWorker();
        for (var number = 1; number <= rounds && !(number > 1 && learner.IsComplete(state.Phase)); number++)
        {
            var round = new Round(algorithm.Plan(state, number));
            round.Open();
            Faults.Apply(seed, round);
            var (proposed, fault) = Collect(algorithm, worker, state, round, clients, kept);
            if (round.Phase == RoundPhase.Aggregating)
            {
                state = Step(algorithm, state, round);
                Settle(round, proposed, kept);
            }
            else if (fault is not null)
            {
                throw new ArithmeticException($"{fault}; lower the learning rate.");
            }
        }

        return learner.ToVersion(state.Parameters, state.Phase);
    }

    // Whoever comes when enough have come is late, so clients are trained until the report goal is met.
    private static (Dictionary<int, ReadOnlyMemory<byte>> Proposed, string? Fault) Collect(
        FederatedAlgorithm algorithm, ILearnerWorker worker, ServerState state, Round round, IReadOnlyList<ClientData> clients, ReadOnlyMemory<byte>[] kept)
    {
        var (number, recipe) = (round.Plan.Number, algorithm.Learner.Recipe(state.Phase));
        var (model, buffer, sum) = (algorithm.Learner.Prepare(state.Parameters, state.Phase), new UpdateBuffer(), algorithm.Empty(recipe));
        var proposed = new Dictionary<int, ReadOnlyMemory<byte>>();
        string? fault = null;
        foreach (var client in round.Clients(ClientState.Outstanding).ToArray())
        {
            if (proposed.Count == round.Plan.ReportGoal)
            {
                break;
            }

            buffer.Clear();
            var result = worker.Train(model, algorithm.TaskOf(number, client, clients[client], kept[client]), buffer);
            var (update, _, after) = algorithm.Send(recipe, number, client, result, buffer, kept[client]);
            if (sum.TryAdd(client, update))
            {
                proposed.Add(client, after);
            }
            else
            {
                fault ??= $"The update of client {client} in round {number} cannot be added: {sum.FindFault(update)}";
                round.Report(client, ClientState.Rejected);
            }
        }

        if (proposed.Count > 0)
        {
            round.Submit(new Submission(number, round.Plan.BaseVersion, [.. proposed.Keys], sum));
        }

        round.Expire();
        return (proposed, fault);
    }

    private static ServerState Step(FederatedAlgorithm algorithm, ServerState state, Round round)
    {
        var next = algorithm.Apply(state, round.Plan.Number, round.Partial.Close());
        round.Commit();
        return next.FirstNotFinite() is null ? next : throw new ArithmeticException($"The model that round {round.Plan.Number} led to is not finite; lower the learning rate.");
    }

    // A client adopts what it keeps only for a round that has counted it, as with KeptStates; here the outcome is known at once.
    private static void Settle(Round round, Dictionary<int, ReadOnlyMemory<byte>> proposed, ReadOnlyMemory<byte>[] kept)
    {
        foreach (var client in round.Clients(ClientState.Counted))
        {
            kept[client] = proposed[client];
        }
    }
}
