using System.Runtime.InteropServices;
using FedRec.Core.Aggregation;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Privacy.SecureAggregation;

/// <summary>Sums stay inside of 64 bits, or the round does not begin.</summary>
public sealed class OverflowTests
{
    // clients · largest · 2^bits at the limit: all of them at once, in both directions.
    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void Finish_WithEveryClientAtTheLimit_IsExact(int sign)
    {
        var scale = new SumScale(bits: 12, clients: 5);
        using var session = Session(5, new VectorPlan(2, scale, scale.Limit, scale.Limit), scale.Limit, sign);

        var sum = SecureSession.Value(session.Run(_ => SecureSession.Never));

        Assert.Equal([sign * 5 * scale.Encode(scale.Limit), 0], sum.Values.ToArray());
        Assert.Equal([5 * scale.Encode(scale.Limit), sign * 5 * scale.Encode(scale.Limit), 5L * int.MaxValue], sum.Report.ToArray());
    }

    [Fact]
    public void Round_OfMoreThanTheScaleIsPlannedFor_IsRefusedAtStart()
    {
        var scale = new SumScale(bits: 40, clients: 5);
        Assert.NotNull(Round(5, new VectorPlan(2, scale, MostWeight: scale.Limit, Largest: scale.Limit)));

        AssertRefused(6, new VectorPlan(2, scale, 1, 1));
        AssertRefused(5, new VectorPlan(2, scale, 1, Math.BitIncrement(scale.Limit)));
        AssertRefused(5, new VectorPlan(2, scale, Math.BitIncrement(scale.Limit), 1));
        AssertRefused(5, new VectorPlan(2, scale, MostWeight: 0, 1));
        AssertRefused(5, new VectorPlan(2, scale, 1, double.NaN));
        static void AssertRefused(int clients, VectorPlan vector) => Assert.Contains("the sum could wrap", Assert.Throws<ArgumentException>(() => Round(clients, vector)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(10_001)]
    public void Round_OfTooFewOrTooMany_IsRefusedAtStart(int clients) =>
        Assert.Contains($"not for {clients}", Assert.Throws<ArgumentException>(() => Round(clients, new VectorPlan(2, new SumScale(20, 20_000), 1, 1))).Message, StringComparison.Ordinal);

    // Defect: a weight above the largest was logged, and added.
    [Fact]
    public void Mask_OfAnUpdateThatIsMoreThanOneClientMayAdd_IsRefused()
    {
        using var session = new SecureSession(4).UpTo(ServerPhase.Collecting);
        var number = session.Round.Numbers[0];
        var scale = session.Round.Vector.Scale;

        AssertRefused(RefusalReason.TooLarge, Own([0, 0, 0, 0, 0], 10.001));
        AssertRefused(RefusalReason.TooLarge, Own([0, 0, scale.Encode(scale.Limit) + 1, 0, 0], 1));
        AssertRefused(RefusalReason.TooLarge, Own([0, 0, long.MinValue, 0, 0], 1));
        AssertRefused(RefusalReason.TooLarge, Own([0, 0, 0, 0, 0], 1, examples: -1));
        AssertRefused(RefusalReason.WrongShape, Own([0, 0, 0, 0], 1));
        AssertRefused(RefusalReason.WrongShape, Own([0, 0, 0, 0, 0], 1, clients: 2));
        Assert.Null(session.Clients[number].Mask(session.Server.DeliveryOf(number), Own([0, 0, scale.Encode(scale.Limit), 0, 0], 10)).Refusal);
        void AssertRefused(RefusalReason reason, FixedPointSum own)
        {
            Assert.Equal(reason, session.Clients[number].Mask(session.Server.DeliveryOf(number), own).Refusal!.Reason);
            Assert.Equal(ClientPhase.Shared, session.Clients[number].Phase);
        }

        FixedPointSum Own(long[] values, double weight, long examples = 3, int clients = 1) =>
            new(MemoryMarshal.AsBytes<long>(values).ToArray(), (long)(weight * (1L << scale.Bits)), 0, clients, examples, weight, scale);
    }

    // The mean that a model steps by, against one in double precision.
    [Fact]
    public void Mean_OfAMaskedRound_IsThatOfDoublePrecision()
    {
        const int Length = 500;
        using var session = new SecureSession(10, seed: 21, length: Length);
        var gone = session.Round.Numbers[3];
        var mean = new float[Length];

        SecureSession.Value(session.Run(number => number == gone ? 2 : SecureSession.Never)).Mean(mean);

        var (reference, weights) = (new double[Length], 0.0);
        foreach (var number in session.Round.Numbers.Where(number => number != gone))
        {
            var (values, weight) = Drawn(number);
            weights += weight;
            for (var i = 0; i < Length; i++)
            {
                reference[i] += weight * values[i];
            }
        }

        var error = Math.Sqrt(reference.Select((sum, i) => Math.Pow((sum / weights) - mean[i], 2)).Sum() / reference.Sum(sum => Math.Pow(sum / weights, 2)));
        Assert.InRange(error, 0, 1e-4);
        Assert.True(error < 1e-6, $"{error}: float32 and 32 fraction bits are finer than that.");

        static (float[] Values, double Weight) Drawn(int number) // as the session draws them
        {
            var random = SeedSequence.For(21, "update", number);
            var values = new float[Length];
            foreach (ref var value in values.AsSpan())
            {
                value = (float)random.NextGaussian();
            }

            return (values, 0.5 + (9.5 * random.NextDouble()));
        }
    }

    private static SecureRound Round(int clients, VectorPlan vector) => new(
        SecureSession.Binding, Enumerable.Range(0, clients).Select(number => new Participant(number, BitConverter.GetBytes(number))), vector, new byte[32], suite: QuickSuite.Instance);

    private static SecureSession Session(int clients, VectorPlan vector, double limit, int sign)
    {
        var update = new UpdateBuffer();
        update.Segment(0, 1)[0] = sign;
        var own = new FixedPointSum(vector.Length, vector.Scale);
        Assert.True(own.TryAdd(update, limit, sign, int.MaxValue));
        return new SecureSession(Round(clients, vector), own);
    }
}
