using System.Collections.Immutable;

namespace FedRec.Contracts.Histories;

/// <summary>Takes in what users do after the data was loaded, and passes it to the user's grain; the key is the federation's name.</summary>
/// <remarks>What is recorded stays there. Recommendations follow it at once; training follows from the next run on.</remarks>
[Alias("fedrec.history")]
public interface IHistoryGrain : IGrainWithStringKey
{
    /// <summary>Records a change of a user's history. May be repeated: an item is in a history once.</summary>
    /// <returns>Whether it is durable, and if not, why.</returns>
    [Alias("record")]
    Task<HistoryReceipt> RecordAsync(HistoryChange change, CancellationToken cancellationToken = default);

    /// <summary>Forgets a user, as <see cref="HistoryChangeKind.Forgotten"/> does, and certifies it. May be repeated: it says what was certified, and what is new since.</summary>
    /// <param name="user">Original user id.</param>
    /// <param name="retires">Whether versions that counted the user are retired: their parameters are deleted, those of the version in use and of the newest once another one is in
    /// their place. What was retired stays so.</param>
    /// <param name="cancellationToken">Ends the wait; the user may have been forgotten.</param>
    [Alias("forget"), ResponseTimeout("00:15:00")]
    Task<ForgettingReceipt> ForgetAsync(string user, bool retires, CancellationToken cancellationToken = default);

    /// <summary>Records what many users did, in the order given, in a federation whose clients keep their data themselves; a federation that is not there yet
    /// becomes one. Users and items that are new are taken in. May be repeated: what was recorded with the same time is not recorded twice.</summary>
    /// <param name="changes">Items added, at most <see cref="ImportReceipt.MostChanges"/>.</param>
    /// <param name="cancellationToken">Ends the wait; some of it may have been recorded.</param>
    /// <returns>How much is durable, and if it is nothing, why.</returns>
    [Alias("import"), ResponseTimeout("00:15:00")]
    Task<ImportReceipt> ImportAsync(ImmutableArray<HistoryChange> changes, CancellationToken cancellationToken = default);

    /// <summary>As <see cref="ImportAsync"/>, of the users of one organisation, which keeps what they did and is one client with all of them. One that is not there yet
    /// joins. Its users' ids are its own: everywhere else its user 42 is <c>north/42</c>.</summary>
    /// <param name="client">Name of the organisation: 1 to 200 characters, without a slash.</param>
    /// <param name="changes">As above.</param>
    /// <param name="cancellationToken">Ends the wait; some of it may have been recorded.</param>
    [Alias("import-of"), ResponseTimeout("00:15:00")]
    Task<ImportReceipt> ImportOfAsync(string client, ImmutableArray<HistoryChange> changes, CancellationToken cancellationToken = default);
}

/// <summary>Answer to an import.</summary>
/// <param name="Outcome">Whether it was recorded.</param>
/// <param name="Message">For people: what happened, or what is wrong and what to do.</param>
/// <param name="Recorded">Changes that are durable and were not before.</param>
/// <param name="Users">Clients that the federation has now: users, and organisations with many.</param>
/// <param name="Items">Items that it has now.</param>
[GenerateSerializer, Immutable, Alias("fedrec.import-receipt")]
public sealed record ImportReceipt(
    [property: Id(0)] HistoryOutcome Outcome,
    [property: Id(1)] string Message,
    [property: Id(2)] int Recorded,
    [property: Id(3)] int Users,
    [property: Id(4)] int Items)
{
    /// <summary>Changes that one import may bring.</summary>
    public const int MostChanges = 50_000;
}

/// <summary>A change of a user's history.</summary>
/// <param name="User">Original user id.</param>
/// <param name="Kind">What has changed.</param>
/// <param name="Item">Original item id; null when everything is forgotten.</param>
/// <param name="Rating">The rating; null where the data has none, or where the learner does not need it.</param>
[GenerateSerializer, Immutable, Alias("fedrec.history-change")]
public sealed record HistoryChange(
    [property: Id(0)] string User,
    [property: Id(1)] HistoryChangeKind Kind,
    [property: Id(2)] string? Item = null,
    [property: Id(3)] float? Rating = null)
{
    /// <summary>When it happened, in milliseconds since 1970, where clients keep their data themselves; null for now. Default: null.</summary>
    [Id(4)] public long? Time { get; init; }
}

/// <summary>What has changed in a history.</summary>
[GenerateSerializer, Alias("fedrec.history-change-kind")]
public enum HistoryChangeKind
{
    /// <summary>The user has met an item, or rated it anew.</summary>
    Added = 0,

    /// <summary>The user takes an item back.</summary>
    Removed = 1,

    /// <summary>The user wants to be forgotten: what was recorded is erased, the items of the loaded data are taken back, and the user is out for good.</summary>
    Forgotten = 2,
}

/// <summary>Answer to a change of a history.</summary>
/// <param name="Outcome">Whether it was recorded.</param>
/// <param name="Message">For people: what happened, or what is wrong and what to do.</param>
[GenerateSerializer, Immutable, Alias("fedrec.history-receipt")]
public sealed record HistoryReceipt(
    [property: Id(0)] HistoryOutcome Outcome,
    [property: Id(1)] string Message)
{
    /// <summary>Where a forgotten user's data may remain, a place for each line; empty otherwise.</summary>
    [Id(2)]
    public ImmutableArray<string> Remaining
    {
        get => field.IsDefault ? [] : field; // a silo of before does not send it
        init;
    } = [];
}

/// <summary>Whether a change was recorded.</summary>
[GenerateSerializer, Alias("fedrec.history-outcome")]
public enum HistoryOutcome
{
    /// <summary>It is durable.</summary>
    Recorded = 0,

    /// <summary>No user has that id.</summary>
    UnknownUser = 1,

    /// <summary>No item has that id.</summary>
    UnknownItem = 2,

    /// <summary>The change does not fit the data: a rating is missing or not expected, or clients hold many users.</summary>
    Unfit = 3,

    /// <summary>The federation has no run, hence no data that users could be looked up in.</summary>
    NoRun = 4,

    /// <summary>The user was forgotten; nothing is recorded of such a user any more.</summary>
    UserForgotten = 5,
}
