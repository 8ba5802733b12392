using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Federation;

/// <summary>Runs rounds of some clients in a loop on one thread: what a cluster does, without one.</summary>
/// <remarks>For what is not a federation but is compared with one: a party that trains alone, and pooled training. All clients take
/// part in each round; the arithmetic is that of the grains.</remarks>
/// <param name="learner">What is trained.</param>
/// <param name="optimizerOf">The server optimizer of a round, from 1.</param>
/// <param name="weighting">How clients are weighted; their sizes are taken into account here.</param>
public sealed class InProcessFederation(ILearner learner, Func<int, IServerOptimizer> optimizerOf, ClientWeighting weighting)
{
    /// <summary>What makes one thing of the updates. Default: the mean.</summary>
    public IAggregator Aggregator { get; init; } = MeanAggregator.Instance;

    /// <summary>What each update goes through first. Default: nothing.</summary>
    public UpdatePipeline Steps { get; init; } = UpdatePipeline.Empty;

    /// <summary>Trains from version 0.</summary>
    /// <param name="clients">At least one.</param>
    /// <param name="rounds">Rounds, at least 1.</param>
    /// <param name="seed">Seed of every draw.</param>
    /// <param name="start">Parameters of version 0; null for those the learner begins with. Default: null.</param>
    /// <returns>The parameters after the last round.</returns>
    /// <exception cref="ArithmeticException">A client's update is not finite or out of range.</exception>
    public ReadOnlyMemory<float> Train(IReadOnlyList<ClientData> clients, int rounds, ulong seed, ReadOnlyMemory<float>? start = null)
    {
        var (state, kept) = (learner.Begin(start ?? learner.Initialize(seed)), new ReadOnlyMemory<byte>[clients.Count]);
        var sized = weighting.For(clients.Select(client => client.InteractionCount));
        using var worker = learner.CreateWorker();
        for (var round = 1; round <= rounds; round++)
        {
            var sum = Sum(worker, state, clients, (seed, round), kept, sized);
            state = ServerStep.Take(learner, optimizerOf(round), state, sum);
        }

        return learner.ToVersion(state.Parameters, state.Phase);
    }

    private IAggregate Sum(ILearnerWorker worker, ServerState state, IReadOnlyList<ClientData> clients, (ulong Seed, int Round) draw, ReadOnlyMemory<byte>[] kept, ClientWeighting sized)
    {
        var recipe = learner.Recipe(state.Phase);
        var (model, buffer) = (learner.Prepare(state.Parameters, state.Phase), new UpdateBuffer());
        var sum = Aggregator.Empty(recipe.Update.Length, SumScale.For(clients.Count, learner.LargestUpdate));
        for (var client = 0; client < clients.Count; client++)
        {
            buffer.Clear();
            var random = SeedSequence.For(draw.Seed, draw.Round, client);
            var result = worker.Train(model, new(clients[client], random, kept[client]), buffer);
            var update = new ClientUpdate(buffer, recipe.Weights == WeightRule.One ? 1 : sized.WeightOf(result), result.Loss, result.Examples);
            Steps.Apply(ref update, new UpdateContext(recipe.Update, random));
            if (!sum.TryAdd(client, update))
            {
                throw new ArithmeticException($"The update of client {client} in round {draw.Round} cannot be added: {sum.FindFault(update)}; lower the learning rate.");
            }

            kept[client] = result.State; // all are counted: nobody is late or refused here
        }

        return sum.Close();
    }
}
