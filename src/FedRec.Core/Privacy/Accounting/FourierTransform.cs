using System.Numerics;

namespace FedRec.Core.Privacy.Accounting;

/// <summary>The discrete Fourier transform of a power of two of numbers, in place, on one thread: equal numbers give equal bits on every machine.</summary>
/// <remarks>Cooley and Tukey 1965, radix 2, with exact roots from a table, so that the error is that of Higham 2002, Theorem 24.2.</remarks>
internal sealed class FourierTransform
{
    private readonly Complex[] _roots;

    /// <param name="size">A power of two, at least 2.</param>
    public FourierTransform(int size)
    {
        _roots = new Complex[size / 2];
        for (var k = 0; k < _roots.Length; k++)
        {
            var (sin, cos) = Math.SinCos(-2 * Math.PI * k / size);
            _roots[k] = new Complex(cos, sin);
        }
    }

    /// <summary>What a value of the transform may be off by, over the sum of the magnitudes that went in.</summary>
    public double RelativeError => BitOperations.Log2((uint)_roots.Length * 2) * 7 * Math.ScaleB(1, -53);

    /// <summary>Σ over j of x[j]·exp(−2πi·jk / n), unscaled.</summary>
    public void Forward(Complex[] values)
    {
        Reorder(values);
        for (var half = 1; half < values.Length; half *= 2)
        {
            var stride = _roots.Length / half;
            for (var start = 0; start < values.Length; start += 2 * half)
            {
                for (var k = 0; k < half; k++)
                {
                    var (even, odd) = (values[start + k], values[start + k + half] * _roots[k * stride]);
                    values[start + k] = even + odd;
                    values[start + k + half] = even - odd;
                }
            }
        }
    }

    private static void Reorder(Complex[] values)
    {
        for (int i = 1, mirrored = 0; i < values.Length; i++)
        {
            var bit = values.Length / 2;
            for (; (mirrored & bit) != 0; bit /= 2)
            {
                mirrored ^= bit;
            }

            mirrored ^= bit;
            if (i < mirrored)
            {
                (values[i], values[mirrored]) = (values[mirrored], values[i]);
            }
        }
    }
}
