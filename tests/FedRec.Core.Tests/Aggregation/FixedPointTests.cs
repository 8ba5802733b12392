using CsCheck;
using FedRec.Core.Aggregation;

namespace FedRec.Core.Tests.Aggregation;

public class FixedPointTests
{
    private static readonly Gen<float> s_value = Gen.Float[-1000f, 1000f];

    [Theory]
    [InlineData(0.0, 0L)]
    [InlineData(1.0, 4294967296L)]
    [InlineData(-0.5, -2147483648L)]
    [InlineData(262144.0, 1125899906842624L)]
    public void Encode_KnownValue_IsScaledByTwoToTheThirtyTwo(double value, long expected) =>
        Assert.Equal(expected, FixedPoint.Encode(value));

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(262144.1)]
    public void Encode_NotFiniteOrTooLarge_Throws(double value) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => FixedPoint.Encode(value));

    [Fact]
    public void Decode_OfEncode_IsWithinHalfAStep() =>
        Gen.Double[-200_000, 200_000].Sample(value => Math.Abs(FixedPoint.Decode(FixedPoint.Encode(value)) - value) <= Math.Pow(2, -33));

    [Fact]
    public void Accumulate_AnyLength_EqualsTheScalarEncoding() =>
        Gen.Select(s_value.Array[0, 70], Gen.Double[0.001, 100]).Sample((values, weight) =>
        {
            var sums = new long[values.Length];

            FixedPoint.Accumulate(values, weight, sums);

            return sums.SequenceEqual(values.Select(value => FixedPoint.Encode(value * (weight * 4294967296.0) / 4294967296.0)));
        });

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(300_000f)]
    public void InRange_OneBadValueAnywhere_IsFalse(float bad)
    {
        for (var position = 0; position < 37; position++)
        {
            var values = new float[37];
            values[position] = bad;

            Assert.False(FixedPoint.InRange(values, 1));
        }
    }

    [Fact]
    public void Mean_AnyLength_IsTheNearestFloatOfEachQuotient() =>
        Gen.Select(Gen.Long.Array[1, 70], Gen.Long[1, 1L << 40]).Sample((values, weight) =>
        {
            var sum = new FixedPointSum(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray(), weight, 0, 1, 1, 1);
            var mean = new float[values.Length];

            sum.Mean(mean);

            return mean.SequenceEqual(values.Select(value => (float)(value * (1.0 / weight))));
        });
}
