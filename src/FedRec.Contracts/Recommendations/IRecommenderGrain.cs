using System.Collections.Immutable;

namespace FedRec.Contracts.Recommendations;

/// <summary>Answers recommendation requests from the version in use; the key is the federation's name.</summary>
/// <remarks>The answer is for the user it is about: reasons name the user's own items, travel only in that answer and are
/// neither stored nor logged. Data that must be audited is the exception: the silo that answers records each item with its
/// reasons in its host's audit trail before the answer leaves.</remarks>
[Alias("fedrec.recommender")]
public interface IRecommenderGrain : IGrainWithStringKey
{
    /// <summary>The best items the user has not met yet.</summary>
    /// <param name="query">Who, how many, and with reasons or without.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The list, or why there is none.</returns>
    [Alias("recommend"), ResponseTimeout("00:16:00")]
    Task<RecommendationAnswer> RecommendAsync(RecommendationQuery query, CancellationToken cancellationToken = default);

    /// <summary>The items that a version holds nearest to an item, by the version alone; no user's data is looked at, and nothing is recorded.</summary>
    /// <param name="query">The item, how many, and which version.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The list, or why there is none.</returns>
    [Alias("similar"), ResponseTimeout("00:16:00")]
    Task<SimilarAnswer> FindSimilarAsync(SimilarQuery query, CancellationToken cancellationToken = default);

    /// <summary>The items that most users have met, as far as enough have; no single user's data is looked at, and nothing is recorded.</summary>
    /// <param name="count">Items wanted, 1 to 1,000.</param>
    /// <param name="part">Which part of the list; null for its beginning.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The list, whose scores are numbers of users, or why there is none.</returns>
    [Alias("popular"), ResponseTimeout("00:16:00")]
    Task<RecommendationAnswer> GetPopularAsync(int count, ListPart? part, CancellationToken cancellationToken = default);

    /// <summary>Some users that can be asked about, by original id; forgotten ones are not among them.</summary>
    /// <param name="prefix">Beginning of the id; empty for any.</param>
    /// <param name="count">At most 1,000.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    [Alias("users")]
    Task<ImmutableArray<string>> FindUsersAsync(string prefix, int count, CancellationToken cancellationToken = default);

    /// <summary>All users that can be asked about in order, page by page.</summary>
    /// <param name="offset">Users to skip.</param>
    /// <param name="count">At most 1,000.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    [Alias("list-users")]
    Task<ImmutableArray<string>> ListUsersAsync(int offset, int count, CancellationToken cancellationToken = default);
}

/// <summary>A request for recommendations.</summary>
/// <param name="User">Original user id; not looked at when <see cref="Items"/> are given. Empty without items: nothing is known of the user.</param>
/// <param name="Count">Items wanted, 1 to 1,000.</param>
/// <param name="Explain">Whether reasons are wanted.</param>
/// <param name="Version">Version to ask; 0 for the one in use.</param>
[GenerateSerializer, Immutable, Alias("fedrec.recommendation-query")]
public sealed record RecommendationQuery(
    [property: Id(0)] string User,
    [property: Id(1)] int Count,
    [property: Id(2)] bool Explain,
    [property: Id(3)] long Version)
{
    /// <summary>What a user who is in no client's data has met; empty to ask for <see cref="User"/>. Used for this answer alone,
    /// neither stored nor logged, but for the reasons in an audit trail where the data must be audited. At most 10,000. Default: none.</summary>
    [Id(4)]
    public ImmutableArray<MetItem> Items
    {
        get => field.IsDefault ? [] : field; // a client of before does not send it
        init;
    } = [];

    /// <summary>Which part of the ranking is wanted. Default: null, its beginning.</summary>
    [Id(5)] public ListPart? Part { get; init; }
}

/// <summary>An item that the user of a request has met.</summary>
/// <param name="Item">Original item id.</param>
/// <param name="Rating">On the scale of the data; null without a rating. Either all items of a request have one or none.</param>
[GenerateSerializer, Immutable, Alias("fedrec.met-item")]
public sealed record MetItem(
    [property: Id(0)] string Item,
    [property: Id(1)] float? Rating = null);

/// <summary>Answer to a request for recommendations.</summary>
/// <param name="Outcome">Whether there is a list.</param>
/// <param name="Version">Version that scored it.</param>
/// <param name="Items">Best first; for an unknown user the most popular; empty when there is no list, or nothing in the part of it that was wanted.</param>
/// <param name="Reason">For people: why there is no list, or none of the user's own; null when the outcome says enough.</param>
[GenerateSerializer, Immutable, Alias("fedrec.recommendation-answer")]
public sealed record RecommendationAnswer(
    [property: Id(0)] RecommendationOutcome Outcome,
    [property: Id(1)] long Version,
    [property: Id(2)] ImmutableArray<RecommendedItem> Items,
    [property: Id(3)] string? Reason = null)
{
    /// <summary>Whether there is a list, which may be empty: of an unknown user it is what most users have met, and the reason says so.</summary>
    public bool HasList() => Outcome is RecommendationOutcome.Found || (Outcome is RecommendationOutcome.UnknownUser && Reason is not null);
}

/// <summary>Whether there is a list.</summary>
[GenerateSerializer, Alias("fedrec.recommendation-outcome")]
public enum RecommendationOutcome
{
    /// <summary>There is.</summary>
    Found = 0,

    /// <summary>No user has that id, nothing is said of one, or the user has met nothing: the list is of what most users have met.</summary>
    UnknownUser = 1,

    /// <summary>No version is in use, or the version asked for does not exist.</summary>
    NoModel = 2,

    /// <summary>The data that the version was trained on cannot be read any more.</summary>
    DataUnavailable = 3,

    /// <summary>The request names an item that is not in the catalogue.</summary>
    UnknownItem = 4,

    /// <summary>The data must be audited, and the list could not be recorded.</summary>
    AuditUnavailable = 5,

    /// <summary>The user was forgotten, and nothing is recommended to such a user any more.</summary>
    UserForgotten = 6,

    /// <summary>The request names a tag that no item has.</summary>
    UnknownTag = 7,

    /// <summary>The version's learner has no measure of how near items are to each other; or rows have labels, and nothing is popular among them.</summary>
    NotMeasured = 8,
}

/// <summary>One recommended item.</summary>
/// <param name="Rank">From 1.</param>
/// <param name="Item">Original item id.</param>
/// <param name="Title">Title, or the id when none is known.</param>
/// <param name="Score">The learner's score; comparable within one list only.</param>
/// <param name="Tags">Tags of the item.</param>
/// <param name="Reasons">The user's own items that add most to the score, largest first; empty unless asked for.</param>
/// <param name="Condition">The eligibility rule that the user meets for it, in words; null when everybody may have it. Default: null.</param>
[GenerateSerializer, Immutable, Alias("fedrec.recommended-item")]
public sealed record RecommendedItem(
    [property: Id(0)] int Rank,
    [property: Id(1)] string Item,
    [property: Id(2)] string Title,
    [property: Id(3)] float Score,
    [property: Id(4)] ImmutableArray<string> Tags,
    [property: Id(5)] ImmutableArray<RecommendationReason> Reasons,
    [property: Id(6)] string? Condition = null);

/// <summary>Why an item is recommended: one of the user's own items and what it adds to the score.</summary>
/// <param name="Title">Title of the user's item.</param>
/// <param name="Part">What it adds; the parts of all the user's items add up to the score.</param>
/// <param name="SharedTags">Tags that both have.</param>
[GenerateSerializer, Immutable, Alias("fedrec.recommendation-reason")]
public sealed record RecommendationReason(
    [property: Id(0)] string Title,
    [property: Id(1)] float Part,
    [property: Id(2)] ImmutableArray<string> SharedTags)
{
    /// <summary>Its share of all that speaks for the item, in (0, 1]: <see cref="Part"/> over the sum of the parts above 0.
    /// Of one item the shares add up to at most 1. Default: 0, of an answer made before there were shares.</summary>
    [Id(3)] public float Share { get; init; }
}
