using System.Numerics.Tensors;
using FedRec.Core.Data;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Updates;

namespace FedRec.Core.Federation;

/// <summary>What a round of gossip came to.</summary>
/// <param name="TookPart">Peers that trained and spoke to their neighbours.</param>
/// <param name="Dropped">Peers that dropped out of the round.</param>
/// <param name="Late">Peers that were too slow for their neighbours.</param>
/// <param name="Rejected">Peers whose update was not finite or out of range.</param>
/// <param name="Loss">Mean training loss; null where nobody took part.</param>
/// <param name="Bytes">Bytes of the models that peers sent to each other.</param>
/// <param name="ConsensusDistance">Root of the mean squared distance of the peers' models from their average.</param>
/// <param name="Time">Virtual time until the last peer is done with the round, in deadlines.</param>
public readonly record struct GossipRound(int TookPart, int Dropped, int Late, int Rejected, double? Loss, long Bytes, double ConsensusDistance, double Time);

/// <summary>Trains without a server: each client has a model of its own, takes the step that its own update leads to, and mixes its model with its neighbours'.</summary>
/// <remarks>Decentralised SGD (Lian et al. 2017, arXiv:1705.09056, Algorithm 1), with the same <see cref="FederatedAlgorithm"/> that drives rounds with a server, each client being the server of
/// itself. In one process, for simulations: <see cref="Train"/> may be called for different peers at once, and <see cref="Mix"/> after it.</remarks>
/// <param name="algorithm">What is computed.</param>
/// <param name="graph">Who speaks to whom; a peer for each client.</param>
/// <param name="faults">Who takes part, and when.</param>
/// <param name="seed">Seed of the run.</param>
public sealed class GossipFederation(FederatedAlgorithm algorithm, GossipGraph graph, SimulatedFaults faults, ulong seed)
{
    private const long MostBytes = 4L << 30;
    private const int CopiesOfModel = 4; // parameters, two moments of an optimizer, what is mixed
    private readonly ServerState[] _states = [.. Enumerable.Repeat(algorithm.Init(), graph.Peers)];
    private readonly (ClientState Fate, double Time)[] _fates = new (ClientState, double)[graph.Peers];
    private readonly double[] _losses = new double[graph.Peers];
    private readonly double[] _clocks = new double[graph.Peers];

    /// <summary>The round that is next, from 1.</summary>
    public int Round { get; private set; } = 1;

    /// <summary>The average of the peers' models: what a version is made of. Nobody has it while they train.</summary>
    public ServerState Average { get; private set; } = algorithm.Init();

    /// <summary>Refuses what does not fit into the memory of one process.</summary>
    /// <exception cref="ArgumentException">There are too many peers for models so large.</exception>
    public static void ThrowUnlessFits(ILearner learner, int peers)
    {
        var bytes = (long)CopiesOfModel * sizeof(float) * learner.Parameters.Length * peers;
        if (bytes > MostBytes)
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"mode is gossip, in which each client has a model of its own: {peers:N0} clients need {bytes >> 20:N0} MB, and {MostBytes >> 20:N0} MB is the most. Deal the users to --parties, or give fewer --dims."));
        }
    }

    /// <summary>Has one peer train from its own model and step along its own update.</summary>
    /// <param name="peer">The peer, from 0.</param>
    /// <param name="data">Its data.</param>
    /// <param name="worker">Kernels that nobody else uses.</param>
    /// <param name="buffer">Scratch memory that nobody else uses.</param>
    public void Train(int peer, ClientData data, ILearnerWorker worker, UpdateBuffer buffer)
    {
        var (fate, time) = faults.Draw(seed, Round, peer);
        _fates[peer] = (fate, Math.Min(1, time)); // its neighbours wait until their deadline, and then it has nobody to wait for
        if (_fates[peer].Fate != ClientState.Outstanding)
        {
            return;
        }

        var state = _states[peer];
        var recipe = algorithm.Learner.Recipe(state.Phase);
        buffer.Clear();
        var result = worker.Train(algorithm.Learner.Prepare(state.Parameters, state.Phase), algorithm.TaskOf(Round, peer, data), buffer);
        var (update, _, _) = algorithm.Send(recipe, Round, peer, result, buffer);
        var own = algorithm.Empty(recipe);
        if (own.TryAdd(peer, update) && algorithm.Apply(state, Round, own.Close()) is var next && next.FirstNotFinite() is null)
        {
            (_states[peer], _losses[peer]) = (next, result.Loss);
        }
        else
        {
            _fates[peer] = (ClientState.Rejected, 1);
        }
    }

    /// <summary>Has all peers that took part mix their models with their neighbours', and goes to the next round.</summary>
    public GossipRound Mix()
    {
        bool TakesPart(int peer) => _fates[peer].Fate == ClientState.Outstanding;
        var mixed = new float[graph.Peers][];
        var (links, clocks, before) = (0L, (double[])_clocks.Clone(), _clocks.Max());
        for (var peer = 0; peer < graph.Peers; peer++)
        {
            var weights = graph.Weights(peer, TakesPart);
            mixed[peer] = Mixed(weights);
            links += weights.Count - 1;

            // It waits for whom it hears, and for the others until its own deadline.
            var last = weights.Max(one => clocks[one.Peer] + _fates[one.Peer].Time);
            _clocks[peer] = weights.Count == graph.Neighbours(peer).Length + 1 ? last : Math.Max(last, clocks[peer] + 1);
        }

        for (var peer = 0; peer < graph.Peers; peer++)
        {
            _states[peer] = _states[peer] with { Parameters = mixed[peer] };
        }

        Average = _states[0] with { Parameters = Mean(mixed) };
        int Of(ClientState fate) => _fates.Count(one => one.Fate == fate);
        var tookPart = Of(ClientState.Outstanding);
        Round++;
        return new GossipRound(
            tookPart,
            Of(ClientState.Dropped),
            Of(ClientState.Straggling),
            Of(ClientState.Rejected),
            tookPart == 0 ? null : _losses.Where((_, peer) => TakesPart(peer)).Sum() / tookPart,
            links * sizeof(float) * algorithm.Learner.Parameters.Length,
            Math.Sqrt(mixed.Average(model => Math.Pow(TensorPrimitives.Distance(model, Average.Parameters.Span), 2))),
            _clocks.Max() - before);
    }

    private float[] Mixed(IReadOnlyList<(int Peer, double Weight)> weights)
    {
        var model = new float[algorithm.Learner.Parameters.Length];
        foreach (var (peer, weight) in weights)
        {
            TensorPrimitives.MultiplyAdd(_states[peer].Parameters.Span, (float)weight, model, model);
        }

        return model;
    }

    private static float[] Mean(float[][] models)
    {
        var sum = new double[models[0].Length];
        foreach (var model in models)
        {
            for (var i = 0; i < sum.Length; i++)
            {
                sum[i] += model[i];
            }
        }

        return [.. sum.Select(value => (float)(value / models.Length))];
    }
}
