using FedRec.Core.Aggregation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners.Transfers;
using FedRec.Core.Updates;

namespace FedRec.Core.Learners;

/// <summary>Says what a client computes, what is summed, and how the sum becomes the next model.</summary>
/// <remarks>One instance serves one configuration and catalogue size. It holds no state that changes and is safe to share
/// between threads; scratch memory lives in the workers it creates.</remarks>
public interface ILearner
{
    /// <summary>The name users select it by, such as <c>mf</c>.</summary>
    string Name { get; }

    /// <summary>Layout of the shared parameters, P values.</summary>
    ParameterLayout Parameters { get; }

    /// <summary>What a round of a phase is. Called for every client of a round: to be made once and kept.</summary>
    /// <param name="phase">Where the run stands, as <see cref="PhaseOf"/> or <see cref="Conclude"/> said.</param>
    RoundRecipe Recipe(LearningPhase phase);

    /// <summary>The phases of the rounds with which every run begins, one after the other; what follows trains. Default: none.</summary>
    IEnumerable<LearningPhase> Phases => [];

    /// <summary>What one client must be able to contribute in one place, times its weight: sums are planned for it. Default: <see cref="SumScale.LeastLimit"/>.</summary>
    double LargestUpdate => SumScale.LeastLimit;

    /// <summary>Where a run stands that begins with a version: what is stored with a version's own values. Default: it trains.</summary>
    /// <param name="version">Values of a version, or of <see cref="Initialize"/>.</param>
    LearningPhase PhaseOf(ReadOnlySpan<float> version) => LearningPhase.Training;

    /// <summary>The values of a version: the parameters, with where the run stands in the places that versions have for it. Default: the parameters.</summary>
    /// <param name="parameters">P values; not changed.</param>
    /// <param name="phase">Where the run stands with them.</param>
    ReadOnlyMemory<float> ToVersion(ReadOnlyMemory<float> parameters, LearningPhase phase) => parameters;

    /// <summary>Whether so many values can be parameters of it, in this layout or an earlier one. Default: P values.</summary>
    bool Reads(int values) => values == Parameters.Length;

    /// <summary>Whether there is nothing left to learn, so that further rounds would change nothing. Default: never.</summary>
    /// <param name="phase">Where the run stands.</param>
    bool IsComplete(LearningPhase phase) => false;

    /// <summary>Options that were left to the clients, with what they have chosen. Default: none.</summary>
    /// <param name="parameters">P values.</param>
    IReadOnlyDictionary<string, double> Chosen(ReadOnlySpan<float> parameters) => System.Collections.Immutable.ImmutableDictionary<string, double>.Empty;

    /// <summary>How clients have voted: for what they chose from, in words, the sum of their votes. Default: there was nothing to vote on.</summary>
    /// <param name="parameters">P values.</param>
    IReadOnlyDictionary<string, double> Votes(ReadOnlySpan<float> parameters) => System.Collections.Immutable.ImmutableDictionary<string, double>.Empty;

    /// <summary>What each block of the parameters stands for, so that another catalogue can begin with them; null when they hold for one
    /// catalogue only. Default: null.</summary>
    IReadOnlyList<BlockMeaning>? Meanings => null;

    /// <summary>The parameters of version 0.</summary>
    /// <param name="seed">Equal seeds give equal parameters.</param>
    /// <returns>P values.</returns>
    float[] Initialize(ulong seed);

    /// <summary>The parameters with which a run begins that is started from a version: what belongs to the clients' state of another run
    /// (<see cref="RoundRecipe.KeepsState"/>), with which this run's clients do not begin, begins anew. Default: the version's own.</summary>
    /// <param name="version">P values; not changed.</param>
    ReadOnlyMemory<float> BeginWith(ReadOnlyMemory<float> version) => version;

    /// <summary>Computes once what all clients of a silo share under one version, such as a Gram matrix.</summary>
    /// <param name="parameters">P values that do not change any more; kept, not copied.</param>
    /// <param name="phase">Where the run stands with them; training in the phase goes by it.</param>
    PreparedModel Prepare(ReadOnlyMemory<float> parameters, LearningPhase phase);

    /// <summary>Creates the scratch memory and kernels of one training thread.</summary>
    ILearnerWorker CreateWorker();

    /// <summary>Turns a closed round into what the server does: the direction in which it steps, what it adds exactly, and the phase after it.</summary>
    /// <param name="state">What the clients trained from: parameters and phase; moments are the optimizer's business.</param>
    /// <param name="aggregate">What the clients sent, in the layout of the phase's recipe; at least one client.</param>
    /// <param name="delta">Receives P values: the weighted mean delta, a pseudo-delta (minus the mean gradient), or exact differences.</param>
    StepProposal Conclude(ServerState state, IAggregate aggregate, Span<float> delta);
}

/// <summary>What a learner makes of a round beside the delta.</summary>
/// <param name="Next">The phase of the next round.</param>
/// <param name="Exact">Values at the end of the delta that the server adds as they are, beside its optimizer: all P in a round that adds up statistics
/// and trains nothing, and those that are statistics and no model, such as centroids, in any other. Default: none.</param>
public readonly record struct StepProposal(LearningPhase Next, int Exact = 0);

/// <summary>The parameters of one version with what was computed from them once; immutable and shared by a whole silo.</summary>
/// <param name="parameters">P values.</param>
/// <param name="phase">Where the run stands with them. Default: it trains.</param>
public class PreparedModel(ReadOnlyMemory<float> parameters, LearningPhase? phase = null)
{
    /// <summary>The shared parameters, P values.</summary>
    public ReadOnlyMemory<float> Parameters => parameters;

    /// <summary>Where the run stands with them.</summary>
    public LearningPhase Phase { get; } = phase ?? LearningPhase.Training;

    /// <summary>What scoring needs beside the parameters, where it takes long to work out; null, the default, where all is at hand.</summary>
    public virtual IDerivedWeights? Derived => null;
}

/// <summary>Opens what is stored.</summary>
public static class StoredVersions
{
    /// <summary>A version made ready: its own values say where its run stands.</summary>
    /// <param name="learner">The learner that made it.</param>
    /// <param name="version">Its values; kept, not copied.</param>
    public static PreparedModel Prepare(this ILearner learner, ReadOnlyMemory<float> version) => learner.Prepare(version, learner.PhaseOf(version.Span));

    /// <summary>The state of a server that begins with a version.</summary>
    /// <param name="learner">The learner that made it.</param>
    /// <param name="version">Its values; kept, not copied.</param>
    public static ServerState Begin(this ILearner learner, ReadOnlyMemory<float> version) => ServerState.Initial(version) with { Phase = learner.PhaseOf(version.Span) };
}
