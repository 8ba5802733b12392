namespace FedRec.Core.Data.Cleaning;

/// <summary>Brings the ratings of a party to the scale from 0 to 1, so that stars of one party and percents of another can be learned together.</summary>
internal static class RatingScale
{
    /// <summary>Maps the party's lowest rating to 0 and its highest to 1, linearly; to 1 when all are equal, as they say only that something was liked.</summary>
    /// <param name="ratings">All ratings; those of the party are changed.</param>
    /// <param name="rows">The rows of the party, held-out ones too: the bounds are those of its scale.</param>
    public static void Apply(float[] ratings, IReadOnlyCollection<int> rows)
    {
        var (low, high) = (rows.Min(row => (double)ratings[row]), rows.Max(row => (double)ratings[row]));
        foreach (var row in rows)
        {
            ratings[row] = high > low ? (float)((ratings[row] - low) / (high - low)) : 1;
        }
    }
}
