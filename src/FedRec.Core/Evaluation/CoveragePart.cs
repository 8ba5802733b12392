using System.Numerics;

namespace FedRec.Core.Evaluation;

/// <summary>The share of the catalogue that is among the first K of anyone. Its numbers are bitmaps of items, which are united, not added.</summary>
internal sealed class CoveragePart(EvaluationFrame frame) : IMetricPart
{
    public int Length => frame.Cutoffs.Length * Words;

    private int Words => (frame.ItemCount + 63) / 64;

    public void Add(in UserRanking user, Span<ulong> numbers)
    {
        for (var c = 0; c < frame.Cutoffs.Length; c++)
        {
            foreach (var item in user.Top[..Math.Min(user.Top.Length, frame.Cutoffs[c])])
            {
                numbers[(c * Words) + (item >> 6)] |= 1UL << item;
            }
        }
    }

    public void Finish(ReadOnlySpan<ulong> numbers, long users, SummaryBuilder into)
    {
        for (var c = 0; c < frame.Cutoffs.Length; c++)
        {
            var covered = 0;
            foreach (var word in numbers.Slice(c * Words, Words))
            {
                covered += BitOperations.PopCount(word);
            }

            into.Metrics[$"coverage@{frame.Cutoffs[c]}"] = (double)covered / frame.ItemCount;
        }
    }
}
