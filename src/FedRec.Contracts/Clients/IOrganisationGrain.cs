using System.Collections.Immutable;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Recommendations;

namespace FedRec.Contracts.Clients;

/// <summary>A client that keeps the data of many users itself, such as a shop; the key is <c>federation/hash</c>, with a hash of the client's name.</summary>
/// <remarks>Its users' ids are its own: to everybody else its user 42 is <c>north/42</c>. No method returns interactions; the client that trains on them reads them
/// from where this grain stores them.</remarks>
[Alias("fedrec.organisation")]
public interface IOrganisationGrain : IGrainWithStringKey
{
    /// <summary>Whether <see cref="ClaimAsync"/> would take the name; takes nothing.</summary>
    /// <param name="forUsers">As there.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    [Alias("may-claim")]
    Task<bool> MayClaimAsync(bool forUsers, CancellationToken cancellationToken = default);

    /// <summary>Takes the name for an organisation, or for users who are clients by themselves and whose ids begin with the name and a slash: never for both, as
    /// <c>north/42</c> would be two users. Durable when it returns true; may be repeated.</summary>
    /// <param name="forUsers">Whether for such users.</param>
    /// <param name="cancellationToken">Ends the wait; the name may have been taken.</param>
    /// <returns>False when the name is taken for the other.</returns>
    [Alias("claim")]
    Task<bool> ClaimAsync(bool forUsers, CancellationToken cancellationToken = default);

    /// <summary>Remembers what its users did; durable when it returns. It counts for recommendations at once, and for training from the next run on. What is
    /// recorded with the same user, item, rating and time is not recorded twice, and nothing is recorded of users who were forgotten.</summary>
    /// <param name="changes">In order, each with its time; not <see cref="HistoryChangeKind.Forgotten"/>.</param>
    /// <param name="lastRun">Number of the last run that has started, of which the changes are no part.</param>
    /// <param name="cancellationToken">Ends the wait; some of the changes may have been recorded.</param>
    /// <returns>How much it holds now.</returns>
    [Alias("record-many"), ResponseTimeout("00:15:00")]
    Task<RecordedAmount> RecordManyAsync(ImmutableArray<HistoryChange> changes, int lastRun, CancellationToken cancellationToken = default);

    /// <summary>The best items for one of its users.</summary>
    /// <param name="order">The order, with the organisation's own id of the user.</param>
    /// <param name="client">Number of the client.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <remarks>As <see cref="IUserGrain.RecommendAsync"/>.</remarks>
    [Alias("recommend"), ResponseTimeout("00:15:00")]
    Task<RecommendationAnswer> RecommendAsync(RecommendOrder order, int client, CancellationToken cancellationToken = default);

    /// <summary>Erases what was recorded of a user and keeps the fact that the user is out; may be repeated.</summary>
    /// <param name="user">The organisation's own id of the user.</param>
    /// <param name="lastRun">Number of the last run that has started, of which forgetting is no part.</param>
    /// <param name="cancellationToken">Ends the wait; the user may have been forgotten.</param>
    /// <returns>What was erased, as far as runs counted it; null when there is no such user.</returns>
    [Alias("forget"), ResponseTimeout("00:15:00")]
    Task<ErasedChanges?> ForgetAsync(string user, int lastRun, CancellationToken cancellationToken = default);

    /// <summary>Number of changes that are recorded of a user; null when the user was forgotten, or was never there.</summary>
    /// <param name="user">The organisation's own id of the user.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    [Alias("count"), ResponseTimeout("00:15:00")]
    Task<int?> CountAsync(string user, CancellationToken cancellationToken = default);

    /// <summary>Tells the grain that a run trains on what it remembers: what comes later is no part of that run.</summary>
    /// <param name="run">Number of the run; 0 only asks.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it remembers anything.</returns>
    [Alias("ask")]
    Task<bool> AskAsync(int run, CancellationToken cancellationToken = default);
}
