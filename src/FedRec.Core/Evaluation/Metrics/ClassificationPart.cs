using FedRec.Core.Aggregation;
using FedRec.Core.Data.Features;

namespace FedRec.Core.Evaluation.Metrics;

/// <summary>Accuracy, AUC, recall and precision over all test rows of the federation, each row counting the same.</summary>
/// <remarks>Scores are logarithms of probabilities, up to a constant. <c>auc</c> orders rows by the logit of the positive class, which is counted in bins
/// of 1/128 between −16 and 16, one histogram for positive and one for negative rows: sums that add up over silos, and say nothing of one row.
/// Rows of one bin count as tied, so the error is at most half the chance that a positive and a negative row share a bin, below .001 where
/// logits spread over 5 units. <c>recall</c> and <c>precision</c> are of rows whose positive class has a probability of at least one half; of several
/// classes <c>recall</c> is the mean over the classes, and there is no precision. A class that ties for the first place counts in part.</remarks>
/// <param name="task">The classes.</param>
/// <param name="classes">Number of classes, at least 2.</param>
internal sealed class ClassificationPart(LabelTask task, int classes) : IMetricPart
{
    private const int Bins = 4096;
    private const double Widest = 16;
    private const int Rows = 0;
    private const int Correct = 1;
    private const int Predicted = 2; // rows predicted positive
    private const int Fixed = 3;

    private int FirstHistogram => Fixed + (2 * classes); // per class: rows, and rows found

    public int Length => FirstHistogram + (2 * Bins);

    private bool IsBinary => task.Kind == LabelKind.Binary;

    public void Add(in UserRanking user, Span<ulong> numbers)
    {
        if (user.HeldOut.Items.Length != 1)
        {
            return; // a row has one label
        }

        var label = user.HeldOut.Items[0];
        var correct = (ulong)FixedPoint.Encode(ShareOfFirst(user.Scores, label));
        numbers[Rows]++;
        numbers[Correct] += correct;
        numbers[Fixed + (2 * label)]++;
        var logit = Logit(user.Scores);
        var predicted = logit >= 0;
        numbers[Predicted] += predicted ? 1UL : 0;
        numbers[Fixed + (2 * label) + 1] += !IsBinary ? correct : predicted == (label == task.Positive) ? (ulong)FixedPoint.Encode(1) : 0;
        var bin = (int)Math.Clamp((logit + Widest) * (Bins / (2 * Widest)), 0, Bins - 1);
        numbers[FirstHistogram + (label == task.Positive ? 0 : Bins) + bin]++;
    }

    public bool CouldBe(ReadOnlySpan<ulong> numbers, ulong users, ulong apart)
    {
        UInt128 rows = 0;
        for (var label = 0; label < classes; label++)
        {
            var own = numbers.Slice(Fixed + (2 * label), 2);
            rows += own[0];
            if (!own[1].IsSumOf(own[0]))
            {
                return false;
            }
        }

        return numbers[Rows] <= users && rows == numbers[Rows] && numbers[Correct].IsSumOf(numbers[Rows]) && numbers[Predicted] <= numbers[Rows] && numbers[FirstHistogram..].Total() == rows
            && (!IsBinary || numbers[Fixed + (2 * task.Positive) + 1].IsSumOf(numbers[Predicted]));
    }

    public void Finish(ReadOnlySpan<ulong> numbers, long users, SummaryBuilder into)
    {
        into.Metrics["accuracy"] = numbers[Rows] == 0 ? 0 : FixedPoint.Decode((long)numbers[Correct]) / numbers[Rows];
        if (AreaOf(numbers[FirstHistogram..]) is { } area)
        {
            into.Metrics[AreaUnderCurve.Name] = area;
        }

        if (!IsBinary)
        {
            into.Metrics["recall"] = MacroRecall(numbers[Fixed..]);
            return;
        }

        var own = numbers.Slice(Fixed + (2 * task.Positive), 2);
        var found = FixedPoint.Decode((long)own[1]);
        into.Metrics["recall"] = own[0] == 0 ? 0 : found / own[0];
        into.Metrics["precision"] = numbers[Predicted] == 0 ? 0 : found / numbers[Predicted];
    }

    /// <summary>1 where the label has the highest score, a share of it where others tie with it.</summary>
    private static double ShareOfFirst(ReadOnlySpan<float> scores, int label)
    {
        var tied = 0;
        foreach (var score in scores)
        {
            if (score > scores[label])
            {
                return 0;
            }

            tied += score == scores[label] ? 1 : 0;
        }

        return tied == 0 ? 0 : 1.0 / tied; // a score that is no number finds nothing
    }

    /// <summary>log p − log(1 − p) of the positive class.</summary>
    private double Logit(ReadOnlySpan<float> scores)
    {
        var highest = double.NegativeInfinity;
        for (var i = 0; i < scores.Length; i++)
        {
            highest = i == task.Positive ? highest : Math.Max(highest, scores[i]);
        }

        var others = 0.0;
        for (var i = 0; i < scores.Length; i++)
        {
            others += i == task.Positive ? 0 : Math.Exp(scores[i] - highest);
        }

        var logit = scores[task.Positive] - highest - Math.Log(others);
        return double.IsNaN(logit) ? -Widest : logit;
    }

    private double MacroRecall(ReadOnlySpan<ulong> byClass)
    {
        var (sum, present) = (0.0, 0);
        for (var i = 0; i < classes; i++)
        {
            if (byClass[2 * i] > 0)
            {
                sum += FixedPoint.Decode((long)byClass[(2 * i) + 1]) / byClass[2 * i];
                present++;
            }
        }

        return present == 0 ? 0 : sum / present;
    }

    /// <summary>Chance that a positive row is above a negative one, ties one half; null when there is only one kind of row.</summary>
    private static double? AreaOf(ReadOnlySpan<ulong> histograms)
    {
        var (positives, negatives, wins) = (0.0, 0.0, 0.0);
        for (var bin = 0; bin < Bins; bin++)
        {
            var (own, other) = ((double)histograms[bin], (double)histograms[Bins + bin]);
            wins += own * (negatives + (other / 2));
            positives += own;
            negatives += other;
        }

        return positives * negatives == 0 ? null : wins / (positives * negatives);
    }
}

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
