namespace FedRec.Core.Data;

/// <summary>Items that are new once and gone soon, such as news: only live ones are candidates, and new ones are favoured.</summary>
/// <remarks>The prior is in standard deviations of the live items' scores, so that one weight suits every learner. Its form is the exponential decay
/// that Das et al. 2007 ("Google News personalization") and many after them give to a click's age.</remarks>
/// <param name="Published">When each item appeared, in the unit of the data: see <see cref="Dataset.TimeUnit"/>.</param>
/// <param name="TimeToLive">How long an item is shown, in that unit; more than 0.</param>
/// <param name="HalfLife">Time after which the prior has halved, in that unit; more than 0.</param>
/// <param name="Weight">The prior of an item that has just appeared, in standard deviations; 0 for none.</param>
/// <param name="Newest">The time that serving takes for now: the newest of the data.</param>
public sealed record ItemLifetimes(IReadOnlyList<long> Published, long TimeToLive, long HalfLife, double Weight, long Newest)
{
    /// <summary>Whether an item is shown at a time.</summary>
    public bool IsLive(int item, long at) => Published[item] <= at && at < Published[item] + TimeToLive;

    /// <summary>Takes dead items out and adds the prior to the others.</summary>
    /// <param name="at">In the unit of the data; null for <see cref="Newest"/>.</param>
    /// <param name="scores">One per item.</param>
    /// <returns>Items taken out that were not NaN before.</returns>
    internal int Apply(long? at, Span<float> scores)
    {
        var (now, removed) = (at ?? Newest, 0);
        var (count, sum, squares) = (0, 0.0, 0.0);
        for (var item = 0; item < scores.Length; item++)
        {
            if (float.IsNaN(scores[item]))
            {
                continue;
            }

            if (!IsLive(item, now))
            {
                (scores[item], removed) = (float.NaN, removed + 1);
                continue;
            }

            (count, sum, squares) = (count + 1, sum + scores[item], squares + ((double)scores[item] * scores[item]));
        }

        var variance = count == 0 ? 0 : (squares / count) - (sum / count * (sum / count));
        AddPrior(now, Weight * Math.Sqrt(Math.Max(0, variance)), scores);
        return removed;
    }

    private void AddPrior(long now, double weight, Span<float> scores)
    {
        for (var item = 0; item < scores.Length; item++)
        {
            scores[item] += (float)(weight * Math.Pow(2, -(now - Published[item]) / (double)HalfLife)); // NaN stays NaN
        }
    }
}
