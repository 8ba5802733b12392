using System.Numerics;

namespace FedRec.Core.Evaluation.Metrics;

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

    public bool CouldBe(ReadOnlySpan<ulong> numbers, ulong users, ulong apart)
    {
        for (var c = 0; c < frame.Cutoffs.Length; c++)
        {
            var words = numbers.Slice(c * Words, Words);
            if ((frame.ItemCount % 64 is > 0 and var last && words[^1] >> last > 0) || Covered(words) > (UInt128)users * (ulong)frame.Cutoffs[c])
            {
                return false;
            }
        }

        return true;
    }

    public void Finish(ReadOnlySpan<ulong> numbers, long users, SummaryBuilder into)
    {
        for (var c = 0; c < frame.Cutoffs.Length; c++)
        {
            into.Metrics[$"coverage@{frame.Cutoffs[c]}"] = (double)Covered(numbers.Slice(c * Words, Words)) / frame.ItemCount;
        }
    }

    private static uint Covered(ReadOnlySpan<ulong> words)
    {
        var covered = 0;
        foreach (var word in words)
        {
            covered += BitOperations.PopCount(word);
        }

        return (uint)covered;
    }
}

/// <summary>Errors of predicted ratings: <c>rmse</c> and <c>mae</c> over all held-out ratings, each rating counting the same.</summary>
/// <remarks>Errors are carried in steps of 2⁻²⁰; one above 512, or one that is no number (from a broken model), counts as 512, so that
/// sums of up to 2²⁶ ratings stay inside 64 bits.</remarks>
/// <param name="mostOfUser">Ratings of a user that can be held out.</param>
/// <param name="unit">What errors are counted in: 1 for ratings, the width of the declared range for other numbers. Default: 1.</param>
internal sealed class RatingPart(int mostOfUser, double unit = 1) : IMetricPart
{
    private const double Scale = 1 << 20;
    private const double Most = 1 << 9;

    public int Length => 3; // ratings, squared errors, absolute errors

    public void Add(in UserRanking user, Span<ulong> numbers)
    {
        for (var i = 0; i < user.Predictions.Length; i++)
        {
            var error = Math.Abs((double)user.Predictions[i] - user.HeldOut.Ratings[i]) / unit;
            error = error <= Most ? error : Most; // what is no number is not smaller either
            numbers[0]++;
            numbers[1] += (ulong)Math.Round(error * error * Scale);
            numbers[2] += (ulong)Math.Round(error * Scale);
        }
    }

    public bool CouldBe(ReadOnlySpan<ulong> numbers, ulong users, ulong apart) =>
        numbers[0] <= (UInt128)users * (ulong)mostOfUser && numbers[1] <= numbers[0] * (UInt128)(Most * Most * Scale) && numbers[2] <= numbers[0] * (UInt128)(Most * Scale);

    public void Finish(ReadOnlySpan<ulong> numbers, long users, SummaryBuilder into)
    {
        if (numbers[0] > 0)
        {
            into.Metrics["rmse"] = unit * Math.Sqrt(numbers[1] / Scale / numbers[0]);
            into.Metrics["mae"] = unit * (numbers[2] / Scale / numbers[0]);
        }
    }
}
