namespace FedRec.Core.Evaluation;

/// <summary>One part of <see cref="MetricSums"/>: what it counts of a user, as whole numbers, and what comes of the sums.</summary>
/// <remarks>Numbers are added up over users and silos; nothing else is done to them on the way.</remarks>
internal interface IMetricPart
{
    /// <summary>Numbers it needs.</summary>
    int Length { get; }

    /// <summary>Adds one user.</summary>
    void Add(in UserRanking user, Span<ulong> numbers);

    /// <summary>Turns the sums into metrics.</summary>
    void Finish(ReadOnlySpan<ulong> numbers, long users, SummaryBuilder into);
}
