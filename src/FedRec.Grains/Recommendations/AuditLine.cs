using System.Collections.Immutable;
using FedRec.Contracts.Recommendations;

namespace FedRec.Grains.Recommendations;

/// <summary>One recommended item for an auditor: what was offered to whom, by which model, under which rule and why.</summary>
public sealed record AuditLine
{
    /// <summary>When it was offered, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The federation that answered.</summary>
    public required string Federation { get; init; }

    /// <summary>Version of the model that scored it.</summary>
    public required long ModelVersion { get; init; }

    /// <summary>Hash of that version's tensors, since a store that was emptied counts versions from 1 again.</summary>
    public required string ModelSha256 { get; init; }

    /// <summary>Original user id; null for a request that brought its items along.</summary>
    public required string? User { get; init; }

    /// <summary>Original item id.</summary>
    public required string Item { get; init; }

    /// <summary>Place in the list that was shown, from 1.</summary>
    public required int Rank { get; init; }

    /// <summary>The learner's score; comparable within one list only.</summary>
    public required float Score { get; init; }

    /// <summary>The eligibility rule that was passed, in words; null when everybody may have the item.</summary>
    public required string? Rule { get; init; }

    /// <summary>The user's own items that add most to the score, whether the answer showed them or not.</summary>
    public required ImmutableArray<RecommendationReason> Because { get; init; }
}
