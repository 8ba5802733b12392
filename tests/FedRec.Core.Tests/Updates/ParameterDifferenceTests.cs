using System.Runtime.InteropServices;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Updates;

/// <summary>A difference gives the wanted vector with all its bits, is as small as what has changed, and none where it saves nothing.</summary>
public sealed class ParameterDifferenceTests
{
    private static readonly float[] s_odd = [float.NaN, -0f, float.PositiveInfinity, float.Epsilon, BitConverter.Int32BitsToSingle(0x7fc0_1234), float.MaxValue];

    [Fact]
    public void Apply_OfWhatWasPacked_GivesTheSecondBitForBit()
    {
        var random = new SeededRandom(11);
        for (var draw = 0; draw < 300; draw++)
        {
            var from = Vector(ref random, (int)(random.NextDouble() * 700));
            var to = Changed(ref random, from, share: random.NextDouble() < 0.3 ? 0 : random.NextDouble(), step: Math.Pow(10, -6 * random.NextDouble()));

            if (ParameterDifference.Pack(from, to) is { } difference)
            {
                Assert.True(difference.Length < sizeof(float) * to.Length, $"{difference.Length} bytes for {to.Length} parameters");
                Assert.Equal(Bits(to), Bits(ParameterDifference.Apply(from, difference)));
            }
            else
            {
                Assert.True(to.Length < 64 || Bits(from).Zip(Bits(to)).Count(one => one.First != one.Second) > to.Length / 2, "a small change has no difference");
            }
        }
    }

    [Theory]
    [InlineData(0.0, 1e-3, 0.001)] // nothing changed: nothing is sent
    [InlineData(0.01, 1e-3, 0.03)]
    [InlineData(1.0, 1e-4, 0.70)]
    public void Pack_OfAShareOfRows_IsAsSmallAsTheShare(double share, double step, double most)
    {
        var random = new SeededRandom(12);
        var from = Vector(ref random, 64_000);
        var rows = Enumerable.Range(0, 2_000).Select(_ => random.NextDouble() < share).ToArray();
        var to = from.Select((value, i) => rows[i / 32] ? value + (float)(value * step * random.NextDouble()) : value).ToArray();

        var difference = ParameterDifference.Pack(from, to)!;

        Assert.True(difference.Length < most * sizeof(float) * to.Length, $"{(double)difference.Length / (sizeof(float) * to.Length)}");
    }

    [Fact]
    public void Pack_OfVectorsThatHaveNothingInCommon_IsNone()
    {
        var random = new SeededRandom(13);
        float[] Noise() => [.. Enumerable.Range(0, 5_000).Select(_ => BitConverter.Int32BitsToSingle((int)(uint)random.NextUInt64()))];

        Assert.Null(ParameterDifference.Pack(Noise(), Noise()));
    }

    [Fact]
    public void Apply_OfADamagedDifference_IsRefused()
    {
        var random = new SeededRandom(14);
        var from = Vector(ref random, 500);
        var difference = ParameterDifference.Pack(from, Changed(ref random, from, 0.1, 1e-3))!;

        Assert.Throws<InvalidDataException>(() => ParameterDifference.Apply(from, difference.AsSpan(0, difference.Length / 2)));
        Assert.Throws<InvalidDataException>(() => ParameterDifference.Apply(from, []));
        Assert.Throws<InvalidDataException>(() => ParameterDifference.Apply(from.AsSpan(1), difference));
        Assert.Throws<InvalidDataException>(() => ParameterDifference.Apply([.. from, 1f], difference));
        Assert.Throws<ArgumentOutOfRangeException>(() => ParameterDifference.Pack(from, from.AsSpan(1)));
    }

    private static float[] Vector(ref SeededRandom random, int length)
    {
        var values = new float[length];
        for (var i = 0; i < length; i++)
        {
            values[i] = random.NextDouble() < 0.02 ? s_odd[(int)(random.NextDouble() * s_odd.Length)] : (float)(random.NextDouble() - 0.5);
        }

        return values;
    }

    private static float[] Changed(ref SeededRandom random, float[] from, double share, double step)
    {
        var to = from.ToArray();
        for (var i = 0; i < to.Length; i++)
        {
            to[i] = random.NextDouble() < share ? random.NextDouble() < 0.01 ? s_odd[(int)(random.NextDouble() * s_odd.Length)] : to[i] * (1 + (float)(step * random.NextDouble())) : to[i];
        }

        return to;
    }

    private static uint[] Bits(ReadOnlySpan<float> values) => MemoryMarshal.Cast<float, uint>(values).ToArray();
}
