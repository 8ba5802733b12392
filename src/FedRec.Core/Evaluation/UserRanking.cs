using FedRec.Core.Data;

namespace FedRec.Core.Evaluation;

/// <summary>How a scorer ranked the catalogue for one user: all that metrics need. Spans are valid until the next user.</summary>
internal readonly ref struct UserRanking
{
    /// <summary>What the scorer knew of the user.</summary>
    public UserHistory History { get; init; }

    /// <summary>The times of the history; empty when the data has none.</summary>
    public ReadOnlySpan<long> Times { get; init; }

    /// <summary>The items to find, at least one, with the ratings the user gave them where there are any.</summary>
    public UserHistory HeldOut { get; init; }

    /// <summary>The scores of the catalogue; not a number for what is no candidate.</summary>
    public ReadOnlySpan<float> Scores { get; init; }

    /// <summary>Candidates: items of the catalogue that the user may be shown.</summary>
    public int Candidates { get; init; }

    /// <summary>The blocks of the held-out items, best first, each once.</summary>
    public ReadOnlySpan<TieBlock> Blocks { get; init; }

    /// <summary>The block that each held-out item is in.</summary>
    public ReadOnlySpan<TieBlock> ItemBlocks { get; init; }

    /// <summary>The first items of the ranking, up to the largest K.</summary>
    public ReadOnlySpan<int> Top { get; init; }

    /// <summary>The block of each held-out item among sampled items; empty when that is not asked for.</summary>
    public ReadOnlySpan<TieBlock> Sampled { get; init; }

    /// <summary>Predicted ratings of the held-out items; empty when the scorer predicts none or there are no ratings.</summary>
    public ReadOnlySpan<float> Predictions { get; init; }
}
