using FedRec.Core.Data.Features;

namespace FedRec.Core.Evaluation.Metrics;

/// <summary>What clients and silos report of an evaluation: whole numbers that are added up, exact in any grouping and order.</summary>
public interface IEvaluationSums
{
    /// <summary>Adds sums that travelled as <see cref="ToBytes"/>.</summary>
    /// <exception cref="InvalidDataException">The bytes are sums of something else.</exception>
    void Add(ReadOnlySpan<byte> bytes);

    /// <summary>The numbers as bytes; what is zero takes no space.</summary>
    byte[] ToBytes();
}

/// <summary>What clients report of an evaluation: sums, histograms and covered items, but no user's result by itself.</summary>
/// <remarks>Whole numbers only, so that sums of sums are exact in any order. All numbers lie in one array: the users, then
/// what each part counts, which is added; and last the bitmaps of covered items, which are united. Not thread-safe.</remarks>
public sealed class MetricSums : IEvaluationSums
{
    private readonly (IMetricPart Part, int First)[] _parts;
    private readonly ulong[] _numbers;
    private readonly int _firstBitmap;

    /// <summary>Makes empty sums.</summary>
    /// <param name="frame">What is measured.</param>
    public MetricSums(EvaluationFrame frame)
    {
        Frame = frame;
        var parts = PartsOf(frame);
        var length = 1;
        _parts = new (IMetricPart, int)[parts.Length];
        for (var p = 0; p < parts.Length; p++)
        {
            _parts[p] = (parts[p], length);
            length += parts[p].Length;
        }

        (_numbers, _firstBitmap) = (new ulong[length], _parts[^1].First);
    }

    /// <summary>What is measured.</summary>
    public EvaluationFrame Frame { get; }

    /// <summary>Users counted.</summary>
    public long Users => (long)_numbers[0];

    /// <summary>Counts one user.</summary>
    internal void AddUser(in UserRanking user)
    {
        _numbers[0]++;
        foreach (var (part, first) in _parts)
        {
            part.Add(user, _numbers.AsSpan(first, part.Length));
        }
    }

    /// <summary>Counts one user in a group only, and in no mean.</summary>
    internal void AddApart(in UserRanking user)
    {
        foreach (var (part, first) in _parts)
        {
            (part as GroupPart)?.AddApart(user, _numbers.AsSpan(first, part.Length));
        }
    }

    /// <summary>Adds other sums of the same catalogue and cutoffs.</summary>
    /// <exception cref="ArgumentException">They differ.</exception>
    public void Add(MetricSums other)
    {
        if (!Frame.Fits(other.Frame))
        {
            throw new ArgumentException("The sums are of another catalogue or of other cutoffs.", nameof(other));
        }

        for (var i = 0; i < _numbers.Length; i++)
        {
            Merge(i, other._numbers[i]);
        }
    }

    /// <summary>Adds sums that travelled as <see cref="ToBytes"/>.</summary>
    /// <exception cref="InvalidDataException">The bytes are not sums of the same catalogue and cutoffs.</exception>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        var reader = new SparseNumbersReader(bytes, _numbers.Length);
        while (reader.Read(out var index, out var number))
        {
            Merge(index, number);
        }
    }

    /// <summary>The numbers as bytes; what is zero takes no space, so one user's sums are short.</summary>
    public byte[] ToBytes() => SparseNumbersWriter.Write(_numbers);

    /// <summary>Whether a party of so many users could have these sums: whatever else it says, it cannot move the figures of everybody out of their range, nor count for more users than it has.</summary>
    /// <param name="users">Users of the party.</param>
    public bool CouldBeOf(long users)
    {
        if (_numbers[0] > (ulong)users)
        {
            return false;
        }

        foreach (var (part, first) in _parts)
        {
            if (!part.CouldBe(_numbers.AsSpan(first, part.Length), _numbers[0], (ulong)users))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Means, coverage, quantiles and groups of what was added.</summary>
    public EvaluationSummary Finish()
    {
        var summary = new SummaryBuilder();
        foreach (var (part, first) in _parts)
        {
            part.Finish(_numbers.AsSpan(first, part.Length), Users, summary);
        }

        return summary.Build(Users);
    }

    // The last part's numbers are bitmaps.
    private static IMetricPart[] PartsOf(EvaluationFrame frame) => frame.Task switch
    {
        null => [new RankingPart(frame), new ListPart(frame), new GroupPart(frame), new RatingPart(frame.ItemCount), new SampledPart(), new CoveragePart(frame)],
        { Kind: LabelKind.Regression } task => [new RatingPart(1, task.Highest - task.Lowest), new NoBitmaps()],
        { } task => [new ClassificationPart(task, frame.ItemCount), new NoBitmaps()],
    };

    private void Merge(int index, ulong number) =>
        _numbers[index] = index < _firstBitmap ? _numbers[index] + number : _numbers[index] | number;

    private sealed class NoBitmaps : IMetricPart
    {
        public int Length => 0;

        public void Add(in UserRanking user, Span<ulong> numbers)
        {
        }

        public bool CouldBe(ReadOnlySpan<ulong> numbers, ulong users, ulong apart) => true;

        public void Finish(ReadOnlySpan<ulong> numbers, long users, SummaryBuilder into)
        {
        }
    }
}

/// <summary>The quality of one scorer.</summary>
/// <param name="Users">Users with held-out items; with none, nothing is measured and the rest is empty.</param>
/// <param name="Metrics">Means over users by name, such as <c>hr@10</c>, <c>ndcg@10</c>, <c>recall@20</c>, <c>mrr@10</c>, <c>map@10</c>, <c>auc</c>;
/// of their lists: <c>novelty@10</c> in bits, <c>diversity@10</c>, <c>popbias@10</c>; <c>coverage@10</c>, the share of the catalogue that is
/// among the first 10 of anyone; and of predicted ratings <c>rmse</c> and <c>mae</c>. What cannot be measured is left out.</param>
/// <param name="Quantiles">Of the users' values, by name, such as <c>ndcg@10/p50</c>, to the nearest 0.005; and <c>ndcg@10/worst-decile</c>,
/// the mean over the tenth of the users, by activity, that fares worst; the same for <c>worst-tenure</c>, <c>worst-cold-start</c> and <c>worst-popularity</c>
/// where there are several such groups; and the means of <c>new-users</c> and <c>new-items</c>, which are evaluated apart.</param>
/// <param name="Groups">Users by activity, tenure and cold start, held-out items by popularity, and what is evaluated apart; of each the lowest first.</param>
public sealed record EvaluationSummary(
    long Users, IReadOnlyDictionary<string, double> Metrics, IReadOnlyDictionary<string, double> Quantiles, IReadOnlyList<QualityGroup> Groups);
