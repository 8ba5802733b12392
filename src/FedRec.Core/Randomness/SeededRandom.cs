using System.Numerics;

namespace FedRec.Core.Randomness;

/// <summary>A small seeded generator whose stream is the same on every machine and .NET version; not for cryptography.</summary>
/// <remarks>xoshiro256** (Blackman and Vigna 2018). A mutable value: pass it by <c>ref</c> to go on with the same stream.</remarks>
public struct SeededRandom
{
    private ulong _s0, _s1, _s2, _s3;

    /// <summary>Starts a stream; prefer <see cref="SeedSequence"/>.</summary>
    public SeededRandom(ulong seed)
    {
        _s0 = SeedSequence.Mix(seed);
        _s1 = SeedSequence.Mix(_s0);
        _s2 = SeedSequence.Mix(_s1);
        _s3 = SeedSequence.Mix(_s2);
    }

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64()
    {
        var result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        var t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>A number from 0 to <paramref name="bound"/> − 1; the bias is below bound / 2³².</summary>
    /// <param name="bound">At least 1.</param>
    public int NextInt32(int bound) => (int)(((NextUInt64() >> 32) * (ulong)bound) >> 32);

    /// <summary>A number in [0, 1).</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A draw from the standard normal distribution.</summary>
    public double NextGaussian() =>
        Math.Sqrt(-2.0 * Math.Log(1.0 - NextDouble())) * Math.Cos(2.0 * Math.PI * NextDouble());

    /// <summary>Shuffles in place (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> values)
    {
        for (var i = values.Length - 1; i > 0; i--)
        {
            var j = NextInt32(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }
}
