using FedRec.Core.Data;
using FedRec.Core.Evaluation;

namespace FedRec.Benchmarks.CrossDomain;

/// <summary>Scores with what was trained on the target domain alone, and sees of a history what is there.</summary>
/// <param name="scorer">Knows the first items only, which are the target's.</param>
/// <param name="items">How many they are.</param>
internal sealed class OwnItemsOnly(IScorer scorer, int items) : IScorer
{
    /// <inheritdoc/>
    public void Score(int user, UserHistory history, Span<float> scores)
    {
        var own = history.Items.BinarySearch(items); // ascending, so what follows is of the other domain
        scores[items..].Clear();
        scorer.Score(user, history.Items[..(own < 0 ? ~own : own)], scores[..items]);
    }
}
