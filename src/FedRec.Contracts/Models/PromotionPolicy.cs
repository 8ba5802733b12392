using System.Text.Json.Serialization;

namespace FedRec.Contracts.Models;

/// <summary>When the version that a run publishes at its end is put in use.</summary>
[GenerateSerializer, Alias("fedrec.promotion-policy")]
public enum PromotionPolicy
{
    /// <summary>Unless its validation NDCG@10 is below the best of the versions that were in use since somebody last chose one, by more than 0.005, measured
    /// on the same data. What cannot be compared is put in use.</summary>
    [JsonStringEnumMemberName("if-better")]
    IfBetter = 0,

    /// <summary>In any case.</summary>
    [JsonStringEnumMemberName("always")]
    Always = 1,

    /// <summary>In no case; somebody may promote it later.</summary>
    [JsonStringEnumMemberName("never")]
    Never = 2,
}

/// <summary>Whether a version was put in use when it was published, and why.</summary>
/// <param name="Promoted">It was put in use.</param>
/// <param name="Reason">For people: a sentence without a full stop.</param>
/// <param name="Before">Version in use before; 0 for none.</param>
[GenerateSerializer, Immutable, Alias("fedrec.promotion-decision")]
public sealed record PromotionDecision(
    [property: Id(0)] bool Promoted,
    [property: Id(1)] string Reason,
    [property: Id(2)] long Before);
