namespace FedRec.Core.Evaluation;

/// <summary>Where the first held-out item of a block of ties lands when the block is put in random order.</summary>
internal static class FirstRelevant
{
    /// <summary>The chance that none of the first <paramref name="places"/> places of the block is taken by a held-out item.</summary>
    public static double ChanceToMiss(TieBlock block, int places)
    {
        var miss = 1.0;
        for (var place = 0; place < Math.Min(places, block.Size) && miss > 0; place++)
        {
            miss *= 1 - ChanceAt(block, place);
        }

        return miss;
    }

    /// <summary>The chance of a held-out item at a place of the block, from 0, when none stands before it.</summary>
    public static double ChanceAt(TieBlock block, int place) => Math.Min(1.0, (double)block.Relevant / (block.Size - place));
}
