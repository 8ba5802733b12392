using System.Collections.Immutable;

namespace FedRec.Contracts.Evaluations;

/// <summary>What a version is compared with: another version, or a baseline.</summary>
/// <param name="Version">A committed version of the same federation, on the same data; 0 for a baseline.</param>
/// <param name="Baseline">One of <c>popularity</c>, <c>item-knn</c>, <c>ials</c>, <c>sasrec</c>; <c>alone</c> (the run's learner, trained by each party
/// on its own data) or <c>centralised</c> (on all data in one place); null for a version.</param>
/// <param name="Party">The party whose users are compared, by its name in the data; null for all users. Default: null.</param>
[GenerateSerializer, Immutable, Alias("fedrec.compared-with")]
public sealed record ComparedWith(
    [property: Id(0)] long Version,
    [property: Id(1)] string? Baseline = null,
    [property: Id(3)] string? Party = null)
{
    /// <summary>Whether the version is taken as it is shared, without the personalisation that its run asks for; so a personalised version can
    /// be compared with itself. Default: false.</summary>
    [Id(2)] public bool Shared { get; init; }
}

/// <summary>Two models on the same users, with the uncertainty of their differences.</summary>
[GenerateSerializer, Immutable, Alias("fedrec.comparison-record")]
public sealed record ComparisonRecord
{
    /// <summary>The first model, such as <c>version 12</c>.</summary>
    [Id(0)] public required string First { get; init; }

    /// <summary>The second model, such as <c>version 7</c> or <c>ials</c>.</summary>
    [Id(1)] public required string Second { get; init; }

    /// <summary>Users compared.</summary>
    [Id(2)] public long Users { get; init; }

    /// <summary>Resamples of the paired bootstrap.</summary>
    [Id(3)] public int Replicates { get; init; }

    /// <summary>A line for each metric.</summary>
    [Id(4)] public ImmutableArray<MetricDifference> Differences { get; init; } = [];

    /// <summary>Wall time, in seconds.</summary>
    [Id(5)] public double Seconds { get; init; }
}

/// <summary>A metric of two models on the same users.</summary>
/// <param name="Metric">Name, such as <c>ndcg@10</c>.</param>
/// <param name="First">Mean of the first model.</param>
/// <param name="Second">Mean of the second model.</param>
/// <param name="Low">Lower end of the 95 % interval of first minus second, from a paired bootstrap over users.</param>
/// <param name="High">Its upper end.</param>
[GenerateSerializer, Immutable, Alias("fedrec.metric-difference")]
public sealed record MetricDifference(
    [property: Id(0)] string Metric,
    [property: Id(1)] double First,
    [property: Id(2)] double Second,
    [property: Id(3)] double Low,
    [property: Id(4)] double High)
{
    /// <summary>First minus second.</summary>
    public double Difference => First - Second;

    /// <summary>Whether the interval lies on one side of zero.</summary>
    public bool ExcludesZero => Low > 0 || High < 0;
}
