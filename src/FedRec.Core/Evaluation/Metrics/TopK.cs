namespace FedRec.Core.Evaluation.Metrics;

/// <summary>Picks the best items of a score list.</summary>
public static class TopK
{
    /// <summary>Selects up to <paramref name="k"/> items, best first; of equal scores the lower item number comes first.</summary>
    /// <param name="scores">One per item; NaN is never selected.</param>
    /// <param name="excludedAscending">Items that are not to be selected, ascending; may be empty.</param>
    /// <param name="k">At least 1.</param>
    /// <param name="items">Receives the items; of length <paramref name="k"/> or more.</param>
    /// <returns>How many were selected: fewer than <paramref name="k"/> when the catalogue has no more.</returns>
    public static int Select(ReadOnlySpan<float> scores, ReadOnlySpan<int> excludedAscending, int k, Span<int> items)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        var selected = items[..k];
        var (count, excluded, worst) = (0, 0, float.NegativeInfinity);
        for (var item = 0; item < scores.Length; item++)
        {
            if (excluded < excludedAscending.Length && excludedAscending[excluded] == item)
            {
                excluded++;
                continue;
            }

            var score = scores[item];
            if (count == k ? !(score > worst) : float.IsNaN(score))
            {
                continue;
            }

            count = Insert(scores, selected, count, item, score);
            worst = scores[selected[count - 1]];
        }

        return count;
    }

    /// <summary>Puts an item behind all that score at least as much; the last one falls out when the list is full.</summary>
    private static int Insert(ReadOnlySpan<float> scores, Span<int> selected, int count, int item, float score)
    {
        var (low, high) = (0, count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = scores[selected[middle]] >= score ? (middle + 1, high) : (low, middle);
        }

        var kept = Math.Min(count, selected.Length - 1);
        selected[low..kept].CopyTo(selected[(low + 1)..]);
        selected[low] = item;
        return kept + 1;
    }
}
