namespace FedRec.Core.Evaluation;

/// <summary>The chance that a held-out item ranks above another candidate, both drawn at random; a tie counts one half.</summary>
/// <remarks>Area under the ROC curve (Hanley and McNeil 1982) of one user's ranking; it has no cutoff, and 1/2 is chance.</remarks>
internal static class AreaUnderCurve
{
    public const string Name = "auc";

    /// <param name="blocks">The blocks of the held-out items, best first.</param>
    /// <param name="relevant">Held-out items, at least 1.</param>
    /// <param name="candidates">All candidates, held-out items among them.</param>
    /// <returns>In [0, 1]; 1/2 when there is no other candidate to tell apart.</returns>
    public static double Value(ReadOnlySpan<TieBlock> blocks, int relevant, int candidates)
    {
        var others = (double)(candidates - relevant);
        if (others <= 0)
        {
            return 0.5;
        }

        var (wins, found) = (0.0, 0);
        foreach (var block in blocks)
        {
            var (above, tied) = (block.Above - found, block.Size - block.Relevant);
            wins += block.Relevant * Math.Max(0, others - above - (tied / 2.0)); // below 0 only for what is out of reach
            found += block.Relevant;
        }

        return wins / (relevant * others);
    }
}
