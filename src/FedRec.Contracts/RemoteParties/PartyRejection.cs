using System.Collections.Immutable;

namespace FedRec.Contracts.RemoteParties;

/// <summary>Why something that came in a party's name was not taken.</summary>
[GenerateSerializer, Alias("fedrec.party-rejection-reason")]
public enum PartyRejectionReason
{
    /// <summary>The token was not signed with the party's key, was for something else, or had run out.</summary>
    Token = 0,

    /// <summary>The token had been used before.</summary>
    TokenAgain = 1,

    /// <summary>The party was suspended or removed.</summary>
    Standing = 2,

    /// <summary>The update was of another run, round or attempt than was asked, or came too late.</summary>
    NotAsked = 3,

    /// <summary>The signature was not the party's, or of other bytes, or of an order with another model, catalogue or configuration.</summary>
    Signature = 4,

    /// <summary>Other bytes had been sent for the same round and attempt.</summary>
    OtherBytes = 5,

    /// <summary>The bytes were no update of the round.</summary>
    Unreadable = 6,

    /// <summary>The sums of an evaluation were none that the party's users can have.</summary>
    Sums = 7,
}

/// <summary>How often something that came in a party's name was not taken for one reason.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Count">How often, at least 1.</param>
/// <param name="Last">When it was so last.</param>
[GenerateSerializer, Immutable, Alias("fedrec.party-rejection")]
public sealed record PartyRejection(
    [property: Id(0)] PartyRejectionReason Reason,
    [property: Id(1)] long Count,
    [property: Id(2)] DateTimeOffset Last)
{
    /// <summary>The rejections with others, by reason.</summary>
    public static ImmutableArray<PartyRejection> With(ImmutableArray<PartyRejection> rejections, IEnumerable<PartyRejection> others) =>
        [.. (rejections.IsDefault ? [] : rejections).Concat(others).GroupBy(one => one.Reason).OrderBy(group => group.Key).Select(group => new PartyRejection(group.Key, group.Sum(one => one.Count), group.Max(one => one.Last)))];
}
