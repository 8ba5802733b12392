using FedRec.Core.Aggregation;
using FedRec.Core.Learners.Transfers;

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

    /// <summary>Layout of what clients contribute and the aggregator sums.</summary>
    ParameterLayout Update { get; }

    /// <summary>Parameters that a client needs in order to train in a round, at most P. Default: all of them.</summary>
    int Download => Parameters.Length;

    /// <summary>Whether clients keep something private from round to round that cannot be derived, such as control variates;
    /// it is stored with the client before its update is counted. Default: false.</summary>
    bool KeepsClientState => false;

    /// <summary>What one client must be able to contribute in one place, times its weight: sums are planned for it. Default: <see cref="SumScale.LeastLimit"/>.</summary>
    double LargestUpdate => SumScale.LeastLimit;

    /// <summary>Whether the next round is one of preparation, in which clients contribute statistics of their data and not of a training: then all
    /// clients are asked, each counts with weight 1, and the server adds the delta as it is, beside its optimizer. Default: never.</summary>
    /// <param name="parameters">Parameters that the round starts from, P values.</param>
    bool Prepares(ReadOnlySpan<float> parameters) => false;

    /// <summary>Parameters at the end of the layout that are statistics of the clients and not a model, such as centroids: in every round the server
    /// adds their delta as it is, beside its optimizer. Default: none.</summary>
    int Statistics => 0;

    /// <summary>Whether so many values can be parameters of it, in this layout or an earlier one. Default: P values.</summary>
    bool Reads(int values) => values == Parameters.Length;

    /// <summary>Whether there is nothing left to learn, so that further rounds would change nothing. Default: never.</summary>
    /// <param name="parameters">P values.</param>
    bool IsComplete(ReadOnlySpan<float> parameters) => false;

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
    /// (<see cref="KeepsClientState"/>), with which this run's clients do not begin, begins anew. Default: the version's own.</summary>
    /// <param name="version">P values; not changed.</param>
    ReadOnlyMemory<float> BeginWith(ReadOnlyMemory<float> version) => version;

    /// <summary>Computes once what all clients of a silo share under one version, such as a Gram matrix.</summary>
    /// <param name="parameters">P values that do not change any more; kept, not copied.</param>
    PreparedModel Prepare(ReadOnlyMemory<float> parameters);

    /// <summary>Creates the scratch memory and kernels of one training thread.</summary>
    ILearnerWorker CreateWorker();

    /// <summary>Turns a closed sum into the direction in which the server steps.</summary>
    /// <param name="parameters">Parameters the clients trained from, P values.</param>
    /// <param name="sum">What the clients contributed, at least one client.</param>
    /// <param name="delta">Receives P values: the weighted mean delta, or a pseudo-delta (minus the mean gradient).</param>
    void Aggregate(ReadOnlySpan<float> parameters, FixedPointSum sum, Span<float> delta);
}

/// <summary>The parameters of one version with what was computed from them once; immutable and shared by a whole silo.</summary>
/// <param name="parameters">P values.</param>
public class PreparedModel(ReadOnlyMemory<float> parameters)
{
    /// <summary>The shared parameters, P values.</summary>
    public ReadOnlyMemory<float> Parameters => parameters;

    /// <summary>What scoring needs beside the parameters, where it takes long to work out; null, the default, where all is at hand.</summary>
    public virtual IDerivedWeights? Derived => null;
}
