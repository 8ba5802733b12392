using FedRec.Core.Aggregation;
using FedRec.Core.Federation;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Aggregation;

/// <summary>Krum and the aggregators by rows: against plain references, in any order and grouping, and what few wrong clients can move.</summary>
public sealed class RobustAggregatorTests
{
    private const int Rows = 30;
    private const int Columns = 4;
    private static readonly UpdateLayout s_layout = new(new("item_factors", Rows, Columns, BlockRole.Delta), new("layer", 3, 5, BlockRole.Delta));

    public static TheoryData<string, double> All => new() { { "krum", 0.2 }, { "multi-krum", 0.2 }, { "row-trimmed-mean", 0.2 }, { "bounded-mean", 0.3 } };

    [Theory]
    [InlineData(1, 0.1)]
    [InlineData(2, 0.3)]
    [InlineData(4, 0.4)]
    [InlineData(9, 0.3)]
    [InlineData(20, 0.25)]
    public void Krum_OfAnyUpdates_IsThatOfAPlainReference(int clients, double share)
    {
        ClientUpdate[] updates = [.. Enumerable.Range(0, clients).Select(client => UpdateOf(client))];
        double[][] dense = [.. updates.Select(update => Dense(update))];
        var wrong = Math.Max(0, Math.Min((int)(share * clients), (clients - 3) / 2));
        var scores = dense.Select((one, i) => dense.Where((_, j) => j != i).Select(other => one.Zip(other, (a, b) => (a - b) * (a - b)).Sum()).Order().Take(Math.Max(1, clients - wrong - 2)).Sum()).ToArray();
        var ranked = Enumerable.Range(0, clients).OrderBy(i => scores[i]).ToArray();

        AssertEqual(dense[ranked[0]], Combined("krum", share, updates));
        AssertEqual(Mean(ranked[..(clients - wrong)].Select(i => dense[i])), Combined("multi-krum", share, updates));
    }

    [Fact]
    public void Krum_ByHand_ComparesWithAsManyNeighboursAsAreRight()
    {
        ClientUpdate[] updates = [.. new[] { 0, 1, 2, 10, 10.5f }.Select(value => Of([(0, [value])]))];

        Assert.Equal(1, Combined("krum", 0.2, updates)[0]); // two neighbours; by three it would be 2, and by one 10
        Assert.Equal((0 + 1 + 2 + 10) / 4f, Combined("multi-krum", 0.2, updates)[0]);
    }

    [Fact]
    public void Krum_OfEqualScores_TakesTheClientOfTheSmallerNumberWhoeverComesFirst()
    {
        ClientUpdate[] updates = [Of([(0, [1])]), Of([(0, [-1])])];

        Assert.Equal(1, Closed(Partial("krum", 0, [0, 1], updates))[0]);
        Assert.Equal(1, Closed(Partial("krum", 0, [1, 0], updates))[0]);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void BoundedMean_OfAnyUpdates_IsThatOfAPlainReference(double trim)
    {
        double[][] dense = [.. Enumerable.Range(0, 12).Select(client => Dense(UpdateOf(client)))];
        var expected = new double[s_layout.Length];
        var bounds = RowsOf().GroupBy(row => row.Block).ToDictionary(block => block.Key, block => Share(dense
            .Select(client => block.Select(row => Norm(client, row)).Where(norm => norm > 0).Order().ToArray()).Where(own => own.Length > 0).Select(own => own[(int)Math.Ceiling((1 - trim) * own.Length) - 1]), 0.5));
        double[] lengths = [.. dense.Select(client => Math.Sqrt(RowsOf().Sum(row => Math.Pow(Math.Min(bounds[row.Block], Norm(client, row)), 2))))];
        foreach (var row in RowsOf())
        {
            var senders = Enumerable.Range(0, dense.Length).Where(client => Norm(dense[client], row) > 0).ToArray();
            for (var i = row.Offset; i < row.Offset + row.Length && senders.Length >= 2; i++)
            {
                expected[i] = senders.Sum(client => dense[client][i] * Math.Min(1, bounds[row.Block] / Norm(dense[client], row)) * Math.Min(1, Share(lengths, 0.75) / lengths[client])) / dense.Length;
            }
        }

        AssertEqual(expected, Combined("bounded-mean", trim, [.. Enumerable.Range(0, 12).Select(client => UpdateOf(client))]));
    }

    [Fact]
    public void RowTrimmedMean_ByHand_CutsAmongThoseWhoSentTheRow()
    {
        float[] sent = [100, 1, 2, 3, -50];
        var updates = Enumerable.Range(0, 10).Select(client => Of(client < 5 ? [(3 * Columns, [sent[client], 0, 0, 0])] : [(0, [1f])])).ToArray();

        Assert.Equal(2f * 5 / 10, Combined("row-trimmed-mean", 0.2, updates)[3 * Columns], 6); // 1, 2 and 3 are left, of 5 of 10 clients
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Close_AnyOrderAndGroupingAndAfterTravel_GivesTheSameBits(string name, double trim)
    {
        var (random, updates) = (new SeededRandom(3), Enumerable.Range(0, 15).Select(client => UpdateOf(client)).ToArray());
        var expected = Combined(name, trim, updates);
        var aggregator = FederationParts.BuiltIn().Aggregator(name, trim).WithLayout(s_layout);
        for (var draw = 0; draw < 10; draw++)
        {
            var order = Enumerable.Range(0, updates.Length).ToArray();
            random.Shuffle<int>(order);
            var cut = random.NextInt32(order.Length + 1);
            var (one, other) = (Partial(name, trim, order[..cut], updates), Partial(name, trim, order[cut..], updates));

            one.Merge(aggregator.Read(s_layout.Length, other.Encoded, Travelled(other.Totals)));
            var whole = aggregator.Read(s_layout.Length, one.Encoded, Travelled(one.Totals));

            Assert.Equal(expected, Closed(one));
            Assert.Equal(expected, Closed(whole));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Close_ARowInPiecesOrOverAndOver_CountsAsTheOneRowThatItIs(string name, double trim)
    {
        var honest = Enumerable.Range(0, 10).Select(client => UpdateOf(client)).ToArray();
        var whole = Of([(4 * Columns, [4, 8, 12, 16, 1, 2, 3, 4])]);
        var pieces = Of([(5 * Columns, [1, 2]), (4 * Columns, [4, 0, 12, 0]), ((5 * Columns) + 2, [3, 4]), (4 * Columns, [0, 8, 0, 16])]);

        Assert.Equal(Combined(name, trim, [.. honest, whole]), Combined(name, trim, [.. honest, pieces]));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Close_WithFewWhoSendAnything_MovesNoRowFartherThanHonestClientsWould(string name, double trim)
    {
        const int Honest = 17, Wrong = 3;
        ClientUpdate[] honest = [.. Enumerable.Range(0, Honest).Select(client => UpdateOf(client, everywhere: true))];
        double[][] dense = [.. honest.Select(update => Dense(update))];
        foreach (var size in new[] { 1e-3f, 1, 1e5f })
        {
            var attack = Of([(7 * Columns, [size, -size, size, size]), (7 * Columns, [size, -size, size, size])]);

            var moved = Combined(name, trim, [.. honest, .. Enumerable.Repeat(attack, Wrong)]);

            var row = moved[(7 * Columns)..(8 * Columns)];
            var longest = dense.Max(client => Norm(client, (0, 7 * Columns, Columns)));
            Assert.InRange(Math.Sqrt(row.Sum(value => (double)value * value)), 0, longest * (name == "row-trimmed-mean" ? Math.Sqrt(Columns) : 1));
        }
    }

    [Theory]
    [InlineData("row-trimmed-mean")]
    [InlineData("bounded-mean")]
    public void Close_OfARowThatFewerThanAFiftiethSay_LeavesItAsItIs(string name)
    {
        ClientUpdate With(int client, int senders) => client < senders ? Of([(0, [1, 1, 1, 1]), (9 * Columns, [5, 5, 5, 5])]) : Of([(0, [1, 1, 1, 1])]);

        Assert.Equal(0, Combined(name, 0, [.. Enumerable.Range(0, 200).Select(client => With(client, 3))])[9 * Columns]);
        Assert.NotEqual(0, Combined(name, 0, [.. Enumerable.Range(0, 200).Select(client => With(client, 4))])[9 * Columns]);
        Assert.Equal(0, Combined(name, 0, [.. Enumerable.Range(0, 5).Select(client => With(client, 1))])[9 * Columns]); // nobody moves a row alone
    }

    [Fact]
    public void BoundedMean_OfAttackersWithManyLongRows_KeepsTheBoundOfTheHonest()
    {
        var honest = Enumerable.Range(0, 10).Select(_ => Of([(0, [1, 0, 0, 0]), (Columns, [0, 1, 0, 0])])).ToArray();
        var attack = Of([(0, [.. Enumerable.Repeat(1e4f, Rows * Columns)])]);

        var moved = Combined("bounded-mean", 0.5, [.. honest, attack, attack, attack]);

        Assert.Equal((10 + (3 * 0.5 * Math.Sqrt(2.0 / Rows))) / 13, moved[0], 5); // each attacker adds a row of length 1, of which half points along; and all of its rows together are as long as the two of an honest client
    }

    [Fact]
    public void BoundedMean_OfAttackersWhoSendAllRows_MovesAllOfThemTogetherNoFartherThanHonestClients()
    {
        var honest = Enumerable.Range(0, 16).Select(_ => Of([(0, [1, 0, 0, 0])])).ToArray();
        var attack = Of([(0, [.. Enumerable.Repeat(1e4f, Rows * Columns)])]);

        var (before, moved) = (Combined("bounded-mean", 0.05, honest), Combined("bounded-mean", 0.05, [.. honest, attack, attack]));

        var farther = moved.Zip(before, (after, was) => after - (was * 16 / 18)).Sum(value => (double)value * value);
        Assert.InRange(Math.Sqrt(farther), 0, (2 / 18.0) + 1e-6); // two clients of 18, each as long as an honest one
    }

    [Theory]
    [InlineData("row-trimmed-mean", 0.5, "nobody is left")]
    [InlineData("bounded-mean", 1, "share of a usual client's rows that are shortened")]
    [InlineData("krum", 0.5, "trim is 0.5")]
    [InlineData("multi-krum", -0.1, "trim is -0.1")]
    public void Create_WithANumberThatIsNone_SaysWhichAre(string name, double trim, string reason) =>
        Assert.Contains(reason, Assert.Throws<ArgumentException>(() => FederationParts.BuiltIn().Aggregator(name, trim)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("row-trimmed-mean")]
    [InlineData("bounded-mean")]
    public void Close_ByRowsWithoutALayout_SaysWhatIsMissing(string name)
    {
        var partial = FederationParts.BuiltIn().Aggregator(name).Empty(s_layout.Length, SumScale.Usual);
        Assert.True(partial.TryAdd(0, UpdateOf(0)));

        Assert.Contains("WithLayout", Assert.Throws<InvalidOperationException>(() => Closed(partial)).Message, StringComparison.Ordinal);
    }

    private static double Share(IEnumerable<double> values, double share) => values.Order().ToArray() is var sorted ? sorted[(int)Math.Ceiling(share * sorted.Length) - 1] : 0;

    private static IEnumerable<(int Block, int Offset, int Length)> RowsOf() =>
        s_layout.Blocks.SelectMany((block, i) => Enumerable.Range(0, block.Rows).Select(row => (i, s_layout.Offset(i) + (row * block.Columns), block.Columns)));

    private static double Norm(double[] values, (int Block, int Offset, int Length) row) => Math.Sqrt(values.Skip(row.Offset).Take(row.Length).Sum(value => value * value));

    private static double[] Mean(IEnumerable<double[]> all) => [.. Enumerable.Range(0, s_layout.Length).Select(i => all.Average(one => one[i]))];

    private static double[] Dense(ClientUpdate update)
    {
        var dense = new double[s_layout.Length];
        for (var segment = 0; segment < update.Values.SegmentCount; segment++)
        {
            var values = update.Values.SegmentValues(segment);
            for (var i = 0; i < values.Length; i++)
            {
                dense[update.Values.Offset(segment) + i] += values[i];
            }
        }

        return dense;
    }

    private static void AssertEqual(double[] expected, float[] actual) => Assert.All(Enumerable.Range(0, expected.Length), i => Assert.Equal(expected[i], actual[i], 1e-4));

    private static float[] Combined(string name, double trim, ClientUpdate[] updates) => Closed(Partial(name, trim, [.. Enumerable.Range(0, updates.Length)], updates));

    private static IPartial Partial(string name, double trim, int[] clients, ClientUpdate[] updates)
    {
        var partial = FederationParts.BuiltIn().Aggregator(name, trim).WithLayout(s_layout).Empty(s_layout.Length, SumScale.Usual);
        foreach (var client in clients)
        {
            Assert.True(partial.TryAdd(client, updates[client]));
        }

        return partial;
    }

    private static float[] Closed(IPartial partial)
    {
        var result = new float[s_layout.Length];
        Array.Fill(result, float.NaN); // all of it is written
        partial.Close().Mean(result);
        return result;
    }

    private static FixedPointSum Travelled(FixedPointSum totals) => new(default, totals.Weight, totals.Loss, totals.Clients, totals.Examples, totals.MaxWeight, totals.Scale);

    private static ClientUpdate Of((int Offset, float[] Values)[] segments)
    {
        var buffer = new UpdateBuffer();
        foreach (var (offset, values) in segments)
        {
            values.CopyTo(buffer.Segment(offset, values.Length));
        }

        return new ClientUpdate(buffer, 1, 0.5, 2);
    }

    // Some rows by themselves, and the layer with the last item row in one segment.
    private static ClientUpdate UpdateOf(int client, bool everywhere = false)
    {
        var (random, buffer) = (new SeededRandom((ulong)client), new UpdateBuffer());
        foreach (var row in Enumerable.Range(0, Rows - 1).Where(_ => everywhere || random.NextDouble() < 0.4))
        {
            Fill(buffer.Segment(row * Columns, Columns), ref random);
        }

        if (everywhere || client % 3 != 0)
        {
            Fill(buffer.Segment((Rows - 1) * Columns, Columns + 15), ref random);
        }

        return new ClientUpdate(buffer, 1, 0.5, 2);
    }

    private static void Fill(Span<float> values, ref SeededRandom random)
    {
        var size = 1 + (3 * random.NextDouble());
        foreach (ref var value in values)
        {
            value = (float)(size * random.NextGaussian());
        }
    }
}
