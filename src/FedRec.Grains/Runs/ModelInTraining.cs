using System.Collections.Immutable;
using System.Numerics.Tensors;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Rounds;
using FedRec.Core.Aggregation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Native;
using FedRec.Grains.Rounds;
using FedRec.Grains.Training;

namespace FedRec.Grains.Runs;

/// <summary>The shared model of a run as the server has it: stepped by the sum of each round, and offered to the clients of the next one.</summary>
/// <remarks>In memory only; what is kept of it are the run's checkpoints. Used on the run grain's scheduler; its arithmetic runs beside it.</remarks>
internal sealed class ModelInTraining(RunContext run, RunServices services)
{
    private const int LongestWarmUp = 1 << 25;
    private const int LongestTurn = 1 << 18; // parameters that are stepped in less time than it takes to change threads twice
    private PreparedModel? _prepared;

    /// <summary>Parameters and moments after the last round.</summary>
    public ServerState State { get; private set; } = ServerState.Initial(ReadOnlyMemory<float>.Empty);

    /// <summary>What is worked out of the parameters once, for all who use them; there is none before the first <see cref="RestoreAsync"/>.</summary>
    public PreparedModel Prepared => _prepared!;

    /// <summary>What the next round is.</summary>
    public RoundRecipe Recipe => run.Learner.Recipe(State.Phase);

    /// <summary>Parameters after the rounds that clients may need.</summary>
    public OfferedParameters Offered { get; } = new();

    /// <summary>Goes on from a state and offers it.</summary>
    /// <param name="state">The server's state after <paramref name="round"/>.</param>
    /// <param name="round">0 for the model that the run begins with.</param>
    /// <param name="earlier">Parameters after earlier rounds from which clients are training still.</param>
    public async Task RestoreAsync(ServerState state, int round, ImmutableSortedDictionary<int, ReadOnlyMemory<float>> earlier)
    {
        State = state;
        foreach (var (before, parameters) in earlier)
        {
            await OfferAsync(before, state with { Parameters = parameters });
        }

        await OfferAsync(round);
    }

    /// <summary>Parameters after some rounds.</summary>
    public ImmutableSortedDictionary<int, ReadOnlyMemory<float>> After(IEnumerable<int> rounds) => rounds.ToImmutableSortedDictionary(round => round, round => Offered.After(round));

    /// <summary>Trains and steps once for nothing, so that no round's deadline runs while code is compiled; not where a sum is so large that this takes longer.</summary>
    public Task WarmUpAsync() =>
        Recipe.Update.Length > LongestWarmUp ? Task.CompletedTask : services.Pools.Training.RunAsync(slot => run.WarmUp(slot, Prepared) is { } alone ? run.Algorithm.Apply(State, round: 1, alone) : null);

    /// <summary>Takes the server's step of a round, unless it leads to a model that is not finite: then the model stays as it was.</summary>
    /// <param name="sum">What the round has counted.</param>
    /// <param name="round">The round.</param>
    /// <param name="stopping">The activation stops: another one may have committed the round meanwhile, and its sum's memory may be used again.</param>
    /// <returns>L2 norm of the change of the parameters, and what is wrong with the model that was not taken.</returns>
    /// <exception cref="OperationCanceledException">The activation stops; nothing was taken.</exception>
    public async Task<(double Norm, UpdateFault? Fault)> StepAsync(PartialSum sum, int round, CancellationToken stopping)
    {
        var next = await ComputeAsync(() => run.Algorithm.Apply(State, round, Closed(sum)));
        stopping.ThrowIfCancellationRequested();
        if (next.FirstNotFinite() is { } position)
        {
            return (0, UpdateFaults.InModel(run.Learner.Parameters, position));
        }

        return (Take(next), null);
    }

    /// <summary>What a round has counted; its memory is the message's.</summary>
    public IAggregate Closed(PartialSum sum) => RoundMessages.ToPartial(sum, run.Algorithm.Way.Aggregator.Opened, Recipe.Update.Length).Close();

    /// <summary>Goes on from another state; nothing is offered yet.</summary>
    /// <returns>L2 norm of the change of the parameters.</returns>
    public double Take(ServerState next)
    {
        var before = State;
        State = next;
        foreach (var moment in before.Moments.Values.Except(next.Moments.Values))
        {
            ModelMemory.Return(moment); // read by nobody but the step
        }

        return TensorPrimitives.Distance(before.Parameters.Span, next.Parameters.Span);
    }

    /// <summary>Makes the parameters after a round available to the clients of the next one.</summary>
    /// <exception cref="NotFiniteNumberException">They are not finite.</exception>
    public async Task OfferAsync(int round)
    {
        _prepared = await OfferAsync(round, State);
    }

    /// <summary>Lets the parameters of rounds before one of them go, and what was worked out of them.</summary>
    public void Forget(int before)
    {
        Offered.Forget(before);
        services.Parameters.ForgetRounds(run.RunKey, before);
    }

    /// <summary>Makes parameters of an earlier round available again.</summary>
    /// <returns>What is worked out of them once.</returns>
    /// <exception cref="NotFiniteNumberException">They are not finite.</exception>
    public async Task<PreparedModel> OfferAsync(int round, ServerState state)
    {
        if (!TensorPrimitives.IsFiniteAll(state.Parameters.Span))
        {
            throw new NotFiniteNumberException($"parameters after round {round} are not finite");
        }

        Offered.Put(round, state.Parameters, state.Phase);
        var prepared = await ComputeAsync(() => run.Learner.Prepare(state.Parameters, state.Phase));
        services.Parameters.Put(new ModelReference(run.RunKey, round, 0), prepared);
        return prepared;
    }

    // Beside the grain's turns, where that would hold up those who ask for the run.
    private Task<T> ComputeAsync<T>(Func<T> compute) => run.Learner.Parameters.Length <= LongestTurn && Recipe.Update.Length <= LongestTurn ? Task.FromResult(compute()) : Task.Run(compute);
}
