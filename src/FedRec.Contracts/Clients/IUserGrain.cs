using System.Collections.Immutable;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Recommendations;

namespace FedRec.Contracts.Clients;

/// <summary>One user: remembers what the user did after the data was loaded, and answers for the user; the key is <c>federation/hash</c>, see <see cref="IUserRegistryGrain"/>.</summary>
/// <remarks>The user, and not a row or a number: whatever rows the data gains, and whatever order they come in, what was recorded stays the user's own.
/// No method returns interactions; the client that trains on them reads them from where this grain stores them.</remarks>
[Alias("fedrec.user")]
public interface IUserGrain : IGrainWithStringKey
{
    /// <summary>The best items for the user.</summary>
    /// <remarks>The first call under a version waits until its silo has made the version ready to score, which for <c>ease</c> takes minutes with many items.</remarks>
    [Alias("recommend"), ResponseTimeout("00:15:00")]
    Task<RecommendationAnswer> RecommendAsync(RecommendOrder order, CancellationToken cancellationToken = default);

    /// <summary>Remembers what the user did; durable when it returns. It counts for recommendations at once, and for training from the next run on.</summary>
    /// <param name="change">What changed; not <see cref="HistoryChangeKind.Forgotten"/>.</param>
    /// <param name="lastRun">Number of the last run that has started, of which the change is no part.</param>
    /// <param name="cancellationToken">Ends the wait; the change may have been recorded.</param>
    /// <returns>False when the user was forgotten: then nothing is recorded.</returns>
    [Alias("record")]
    Task<bool> RecordAsync(HistoryChange change, int lastRun, CancellationToken cancellationToken = default);

    /// <summary>Remembers several things that the user did, as <see cref="RecordAsync"/> does one. What is recorded with the same item, rating and time is not
    /// recorded twice.</summary>
    /// <param name="changes">In order; each with its time.</param>
    /// <param name="lastRun">Number of the last run that has started, of which the changes are no part.</param>
    /// <param name="cancellationToken">Ends the wait; the changes may have been recorded.</param>
    /// <returns>How much it holds now; null when the user was forgotten: then nothing is recorded.</returns>
    [Alias("record-many")]
    Task<RecordedAmount?> RecordManyAsync(ImmutableArray<HistoryChange> changes, int lastRun, CancellationToken cancellationToken = default);

    /// <summary>Erases what was recorded and keeps the fact that the user is out; may be repeated.</summary>
    /// <param name="lastRun">Number of the last run that has started, of which forgetting is no part.</param>
    /// <param name="cancellationToken">Ends the wait; the user may have been forgotten.</param>
    /// <returns>What was erased, as far as runs counted it.</returns>
    [Alias("forget")]
    Task<ErasedChanges> ForgetAsync(int lastRun, CancellationToken cancellationToken = default);

    /// <summary>Number of changes that are recorded; null when the user was forgotten, as nobody knows any more.</summary>
    [Alias("count")]
    Task<int?> CountAsync(CancellationToken cancellationToken = default);

    /// <summary>Tells the user's grain that a run trains on what it remembers: what comes later is no part of that run.</summary>
    /// <param name="run">Number of the run; 0 only asks.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it remembers anything.</returns>
    [Alias("ask")]
    Task<bool> AskAsync(int run, CancellationToken cancellationToken = default);
}

/// <summary>How much a user has recorded.</summary>
/// <param name="Added">Changes that were not there before.</param>
/// <param name="SizeClass">As <see cref="Federations.ClientSize.SizeClass"/>.</param>
/// <param name="SizeChanged">Whether that is another one than before.</param>
[GenerateSerializer, Immutable, Alias("fedrec.recorded-amount")]
public sealed record RecordedAmount(
    [property: Id(0)] int Added,
    [property: Id(1)] byte SizeClass,
    [property: Id(2)] bool SizeChanged)
{
    /// <summary>Users that the client has. Default: 1.</summary>
    [Id(3)] public int Users { get; init; } = 1;
}

/// <summary>Runs whose models count what was erased when a user was forgotten: those after <paramref name="After"/>, up to <paramref name="Last"/>.</summary>
/// <param name="After">Number of the last run without the earliest of it; equal to <paramref name="Last"/> when no run counts any of it.</param>
/// <param name="Last">Number of the last run that started before the user was forgotten.</param>
[GenerateSerializer, Immutable, Alias("fedrec.erased-changes")]
public sealed record ErasedChanges(
    [property: Id(0)] int After,
    [property: Id(1)] int Last)
{
    /// <summary>Whether a run counts some of it.</summary>
    public bool IsIn(int run) => run > After && run <= Last;
}
