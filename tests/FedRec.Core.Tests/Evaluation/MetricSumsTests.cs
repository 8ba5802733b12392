using CsCheck;
using FedRec.Core.Data;
using FedRec.Core.Evaluation.Metrics;

namespace FedRec.Core.Tests.Evaluation;

public sealed class MetricSumsTests
{
    private const int Items = 130;
    private static readonly int[] s_cutoffs = [5, 10];
    private static readonly Gen<(TieBlock Block, int[] Top)[]> s_users = Gen.Select(
        Gen.Select(Gen.Int[0, 20], Gen.Int[1, 5], (above, size) => new TieBlock(above, size, 1)),
        Gen.Int[0, Items - 1].Array[10]).Array[1, 30];

    [Fact]
    public void Add_AnyGroupingAndOrder_GivesTheSameBytes() => Gen.Select(s_users, Gen.Int[1, 30]).Sample(
        (users, cut) =>
        {
            var all = Sum(users);

            var grouped = Sum(users.Reverse().Skip(cut));
            grouped.Add(Sum(users.Reverse().Take(cut)).ToBytes());
            var merged = Empty();
            merged.Add(grouped);

            Assert.Equal(all.ToBytes(), merged.ToBytes());
            Assert.Equal(users.Length, merged.Users);
            Assert.Equal((true, false), (merged.CouldBeOf(users.Length), merged.CouldBeOf(users.Length - 1)));
        },
        iter: 100);

    [Fact]
    public void Finish_FewUsers_CountsByHand()
    {
        var sums = Sum([(new TieBlock(0, 1, 1), [1, 2]), (new TieBlock(2, 1, 1), [2, 3]), (new TieBlock(7, 1, 1), [1, 2]), (new TieBlock(50, 1, 1), [4])]);

        var summary = sums.Finish();

        Assert.Equal(4, summary.Users);
        Assert.Equal((0.5, 0.75), (summary.Metrics["hr@5"], summary.Metrics["hr@10"]));
        Assert.Equal((1 + 0.5) / 4, summary.Metrics["ndcg@5"], 9);
        Assert.Equal((1 + (1 / 3.0) + 0.125) / 4, summary.Metrics["mrr@10"], 9);
        Assert.Equal(4.0 / Items, summary.Metrics["coverage@5"]);
        Assert.Equal((0, 0, 1), (summary.Quantiles["ndcg@5/p10"], summary.Quantiles["ndcg@5/p50"], summary.Quantiles["ndcg@5/p90"]));
        Assert.Equal(0.315, summary.Quantiles["ndcg@10/p50"]); // 1 / log2(9) = 0.3155
    }

    [Fact]
    public void Finish_WithoutUsers_MeasuresNothing()
    {
        var summary = Empty().Finish();

        Assert.Equal(0, summary.Users);
        Assert.Empty(summary.Metrics);
        Assert.Empty(summary.Quantiles);
        Assert.Empty(summary.Groups);
    }

    [Fact]
    public void ToBytes_OneUser_IsShort()
    {
        var bytes = Sum([(new TieBlock(3, 1, 1), [.. Enumerable.Range(0, 10)])]).ToBytes();

        Assert.InRange(bytes.Length, 20, 300); // 2,300 numbers, most of them zero
    }

    [Fact]
    public void Add_BytesThatAreNoSums_AreRefused()
    {
        var bytes = Sum([(new TieBlock(3, 1, 1), [1])]).ToBytes();

        Assert.Throws<InvalidDataException>(() => Empty().Add(bytes.AsSpan(..^1)));
        Assert.Throws<InvalidDataException>(() => Empty(Items, [5]).Add(bytes));
        Assert.Throws<InvalidDataException>(() => Empty().Add([.. bytes, 0xFF, 0xFF, 0x7F, 1]));
        Assert.Throws<InvalidDataException>(() => Empty().Add(Enumerable.Repeat((byte)0xFF, 20).ToArray()));
        Assert.Throws<InvalidDataException>(() => Empty().Add(ReadOnlySpan<byte>.Empty));
    }

    // What a party sends may be anything: it is no sums, or something can be said of it.
    [Fact]
    public void Add_AnyBytes_AreSumsOrNone_AndWhatTheyComeToIsFinite_AndInItsRangeWhereUsersCouldHaveThem()
    {
        const int Iterations = 100_000;
        var (random, good, read) = (new Random(7), Sum([(new TieBlock(3, 1, 1), [1]), (new TieBlock(0, 2, 1), [3, 4])]).ToBytes(), (All: 0, Possible: 0));
        for (var i = 0; i < Iterations; i++)
        {
            var bytes = good.ToArray();
            for (var changes = random.Next(1, 5); changes > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            bytes = random.Next(4) switch { 0 => bytes[..random.Next(bytes.Length)], 1 => [.. bytes, .. Enumerable.Range(0, random.Next(1, 12)).Select(_ => (byte)random.Next(256))], _ => bytes };
            var sums = Empty();
            try
            {
                sums.Add(bytes);
            }
            catch (InvalidDataException)
            {
                continue;
            }

            var summary = sums.Finish();
            Assert.All(summary.Metrics.Values.Concat(summary.Quantiles.Values).Concat(summary.Groups.Select(group => group.Ndcg)), value => Assert.True(double.IsFinite(value)));
            read.All++;
            if (sums.CouldBeOf(3))
            {
                AssertInRange(summary, users: 3);
                read.Possible++;
            }
        }

        Assert.InRange(read.All, 100, Iterations - 100); // both kinds were met
        Assert.InRange(read.Possible, 100, read.All - 100);
    }

    // One number at a time, whatever it means: far too large, or all bits of it.
    [Theory]
    [InlineData(1UL << 40, 0)]
    [InlineData(1UL << 40, 1)] // of which there is one
    [InlineData(ulong.MaxValue, 0)]
    public void CouldBeOf_ANumberThatNoUsersAddUpTo_IsRefused_OrIsShownNowhere(ulong number, ulong counted)
    {
        var (users, length, refused) = (Enumerable.Range(0, 60).Select(user => (new TieBlock(user, 1, 1), new[] { user, user + 1 })).ToArray(), 0, 0);
        foreach (var (seven, place) in Empty().ToBytes().Select((seven, place) => (seven, place)))
        {
            length |= (seven & 0x7F) << (7 * place); // the length comes first, and nothing else
        }

        for (var i = 0; i <= length; i++)
        {
            var numbers = new ulong[length];
            numbers.AsSpan(i == length ? length - (s_cutoffs.Length * ((Items + 63) / 64)) : i, i == length ? s_cutoffs.Length * ((Items + 63) / 64) : 1).Fill(number); // last, of all bitmaps
            for (var before = Math.Max(1, i - 2); i < length && before < i; before++)
            {
                numbers[before] = counted;
            }

            var sums = Empty();
            sums.Add(SparseNumbersWriter.Write(numbers));
            sums.Add(Sum(users)); // which a number that is all bits may turn into one less
            if (!sums.CouldBeOf(users.Length))
            {
                refused++;
                continue;
            }

            AssertInRange(sums.Finish(), users.Length);
        }

        Assert.InRange(refused, length / 2, length + 1);
    }

    private static void AssertInRange(EvaluationSummary summary, int users)
    {
        Assert.InRange(summary.Users, 0, users);
        Assert.All(summary.Metrics.Where(metric => metric.Key.Split('@')[0] is not ("novelty" or "popbias" or "rmse" or "mae")), metric => Assert.InRange(metric.Value, 0, 1));
        Assert.All(summary.Metrics, metric => Assert.InRange(metric.Value, -1, metric.Key.StartsWith("popbias", StringComparison.Ordinal) ? double.MaxValue : 512));
        Assert.All(summary.Groups.SelectMany(group => new[] { group.Ndcg, group.HitRate }), value => Assert.InRange(value, 0, 1));
        Assert.All(summary.Groups.Where(group => group.Kind != QualityGroupKind.Popularity), group => Assert.InRange(group.Count, 1, users));
    }

    [Fact]
    public void Add_SumsOfAnotherShape_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => Empty().Add(Empty(Items, [10, 5])));
        Assert.Throws<ArgumentException>(() => Empty().Add(Empty(Items + 1)));
    }

    [Theory]
    [InlineData]
    [InlineData(0)]
    [InlineData(1001)]
    [InlineData(5, 5)]
    public void Create_BadCutoffs_AreRefused(params int[] cutoffs) => Assert.Throws<ArgumentException>(() => Empty(Items, cutoffs));

    private static MetricSums Empty(int items = Items, int[]? cutoffs = null) => new(EvaluationFrame.Of(Split(items), cutoffs ?? s_cutoffs));

    private static EvaluationSplit Split(int items) => new(new UserItems([0, 1], [0]), new UserItems([0, 0], []), new UserItems([0, 1], [3]), items);

    private static MetricSums Sum(IEnumerable<(TieBlock Block, int[] Top)> users)
    {
        var sums = Empty();
        foreach (var (block, top) in users)
        {
            sums.AddUser(new UserRanking
            {
                History = new UserHistory([0]),
                HeldOut = new UserHistory([3]),
                Candidates = Items - 1,
                Blocks = [block],
                ItemBlocks = [block],
                Top = top,
            });
        }

        return sums;
    }
}
