using System.Collections.Immutable;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Recommendations;
using Orleans.Concurrency;

namespace FedRec.Contracts.Clients;

/// <summary>One party: keeps its data and trains on it; the key is <c>federation/number</c>. What its users do later is with their own grains, see <see cref="IUserGrain"/>.</summary>
/// <remarks>The number is a pseudonym: original user ids stay where the data is. No method returns interactions. What is
/// private is derived from the client's data and the current model, or stored by the client, so an idle one may be dropped at any time.</remarks>
[Alias("fedrec.client")]
public interface IClientGrain : IGrainWithStringKey
{
    /// <summary>Asks the client to train for a round. It answers at once; its update follows through its silo's local aggregation.</summary>
    /// <param name="order">Round and version to train from; the same for the whole cohort.</param>
    /// <param name="cancellationToken">Ends the wait; the client may train all the same.</param>
    /// <returns>Where its update will be summed. May be repeated: an update is counted once.</returns>
    /// <remarks>On a silo that has just joined, waits until that has read the run's data; the round has a deadline of its own.</remarks>
    [Alias("train"), ResponseTimeout("00:15:00")]
    Task<TrainReceipt> TrainAsync(TrainOrder order, CancellationToken cancellationToken = default);

    /// <summary>Ranks the client's held-out items. The result is summed with those of its silo's other clients.</summary>
    /// <returns>The silo that has the result. May be repeated: a client is counted once for each evaluation and silo.</returns>
    /// <remarks>The first call under a version waits until its silo has made the version ready to score, which for <c>ease</c> takes minutes with many items.</remarks>
    [Alias("evaluate"), ResponseTimeout("00:15:00")]
    Task<SiloAddress> EvaluateAsync(EvaluateOrder order, CancellationToken cancellationToken = default);

    /// <summary>Erases what a learner or an update step keeps with the client from round to round; may be repeated.</summary>
    /// <param name="lastRun">Number of the last run of which it is erased.</param>
    /// <param name="cancellationToken">Ends the wait; it may have been erased.</param>
    /// <returns>Whether there was anything to erase.</returns>
    [Alias("erase-kept")]
    Task<bool> EraseKeptAsync(int lastRun, CancellationToken cancellationToken = default);

    /// <summary>Says roughly what the client's loaded data is like.</summary>
    /// <param name="runKey">Key of the run whose data is meant.</param>
    /// <param name="newestDay">The federation's newest day, in seconds since 1970, from which ages are counted; null leaves them out.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null for a client with too few users.</returns>
    [Alias("describe-data"), ReadOnly, ResponseTimeout("00:15:00")]
    Task<DataSummary?> DescribeDataAsync(string runKey, long? newestDay, CancellationToken cancellationToken = default);
}

/// <summary>What a client is told to train.</summary>
/// <param name="RunKey">Key of the run, <c>federation/run</c>.</param>
/// <param name="Round">The round, from 1.</param>
/// <param name="BaseVersion">As the round's order has it: the round of the run's last checkpoint, or 0.</param>
/// <param name="Collecting">The round that collects the update, where that is a later one than it is trained for; 0 for the same. Default: 0.</param>
/// <param name="Epoch">As the round's order has it: grows with each attempt at driving the run; a client that has heard of a later one refuses. Default: 0.</param>
/// <param name="Since">The epoch in which the run was last begun with its first round: what a client kept of earlier ones is of rounds that never were. Default: 0.</param>
[GenerateSerializer, Immutable, Alias("fedrec.train-order")]
public sealed record TrainOrder(
    [property: Id(0)] string RunKey,
    [property: Id(1)] int Round,
    [property: Id(2)] long BaseVersion,
    [property: Id(3)] int Collecting = 0,
    [property: Id(4)] int Epoch = 0,
    [property: Id(5)] int Since = 0)
{
    /// <summary>The round that collects the update.</summary>
    public int CollectedIn() => Math.Max(Round, Collecting);
}

/// <summary>A client's answer to a train order.</summary>
/// <param name="Silo">The silo whose local aggregation will carry its update.</param>
[GenerateSerializer, Immutable, Alias("fedrec.train-receipt")]
public sealed record TrainReceipt(
    [property: Id(0)] SiloAddress Silo);

/// <summary>What a client is told to evaluate.</summary>
/// <param name="Evaluation">Identity of the evaluation that the results belong to.</param>
/// <param name="Model">The parameters to evaluate, of the run whose data is meant.</param>
/// <param name="Cutoffs">Values of K.</param>
/// <param name="OnValidation">Rank the validation items instead of the test items.</param>
[GenerateSerializer, Immutable, Alias("fedrec.evaluate-order")]
public sealed record EvaluateOrder(
    [property: Id(0)] Guid Evaluation,
    [property: Id(1)] ModelReference Model,
    [property: Id(2)] System.Collections.Immutable.ImmutableArray<int> Cutoffs,
    [property: Id(3)] bool OnValidation)
{
    /// <summary>Whether to rank each held-out item among sampled items too. Default: false.</summary>
    [Id(4)] public bool Sampled { get; init; }

    /// <summary>Parameters to compare with, of a run on the same data; null for none.</summary>
    [Id(5)] public ModelReference? Against { get; init; }

    /// <summary>Baseline to compare with; null for none.</summary>
    [Id(6)] public string? Baseline { get; init; }

    /// <summary>Resamples of the comparison; 0 when there is none, and metrics are reported instead. Default: 0.</summary>
    [Id(7)] public int Replicates { get; init; }

    /// <summary>Whether clients take the model as it is shared, although its run asks for personalisation. Default: false.</summary>
    [Id(8)] public bool Shared { get; init; }

    /// <summary>Whether the model that is compared with is taken as it is shared. Default: false.</summary>
    [Id(9)] public bool SharedRival { get; init; }

    /// <summary>Whether to count who has met which items, in place of an evaluation. Default: false.</summary>
    [Id(10)] public bool CountsItems { get; init; }
}

/// <summary>Names shared parameters that every silo can get.</summary>
/// <param name="RunKey">Key of the run that made them.</param>
/// <param name="Round">Round after which they hold, when they are asked of the run; ignored with a version.</param>
/// <param name="Version">Published version, or 0 to ask the run.</param>
[GenerateSerializer, Immutable, Alias("fedrec.model-reference")]
public sealed record ModelReference(
    [property: Id(0)] string RunKey,
    [property: Id(1)] int Round,
    [property: Id(2)] long Version);

/// <summary>What a user's grain is told to recommend.</summary>
/// <param name="Model">The parameters to score with.</param>
/// <param name="User">Original user id.</param>
/// <param name="Count">Items wanted.</param>
/// <param name="Explain">Whether reasons are wanted.</param>
/// <param name="HasRecorded">Whether users of the federation may remember changes that they have to look for.</param>
/// <param name="InUse">Whether the parameters are those of the version in use, which silos keep in memory.</param>
/// <param name="Part">Which part of the ranking is wanted; null for its beginning.</param>
[GenerateSerializer, Immutable, Alias("fedrec.recommend-order")]
public sealed record RecommendOrder(
    [property: Id(0)] ModelReference Model,
    [property: Id(6)] string User,
    [property: Id(2)] int Count,
    [property: Id(3)] bool Explain,
    [property: Id(4)] bool HasRecorded = false,
    [property: Id(5)] bool InUse = false,
    [property: Id(7)] ListPart? Part = null);

/// <summary>What a party says of its data: powers of two and bands, and nothing for kinds of items that fewer users than the minimum cohort have.</summary>
/// <param name="Users">A power of two.</param>
/// <param name="Interactions">A power of two.</param>
/// <param name="Density">Share of the pairs of its users and its items that are interactions.</param>
/// <param name="PopularityGini">Gini coefficient of the popularity of its items.</param>
/// <param name="TopTenthShare">Share of its interactions that the most popular tenth of its items has.</param>
/// <param name="MedianAgeDays">Lower end of the age band of its median event, in days; null without times or without a newest day.</param>
/// <param name="LastAgeDays">The same of its last event.</param>
/// <param name="Interests">Interactions of each kind of item, as powers of two; 0 where too few users have one.</param>
/// <param name="NewestDay">End of the day of its last event, in seconds since 1970; null without times.</param>
[GenerateSerializer, Immutable, Alias("fedrec.data-summary")]
public sealed record DataSummary(
    [property: Id(0)] long Users,
    [property: Id(1)] long Interactions,
    [property: Id(2)] PercentBand Density,
    [property: Id(3)] PercentBand PopularityGini,
    [property: Id(4)] PercentBand TopTenthShare,
    [property: Id(5)] int? MedianAgeDays,
    [property: Id(6)] int? LastAgeDays,
    [property: Id(7)] ImmutableArray<long> Interests,
    [property: Id(8)] long? NewestDay);
