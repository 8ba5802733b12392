using FedRec.Core.Randomness;

namespace FedRec.Core.Tests.Learners.LinearAlgebra;

/// <summary>Seeded matrices and double-precision references.</summary>
internal static class Matrices
{
    public static float[] Random(int length, ulong seed)
    {
        var random = new SeededRandom(seed);
        var values = new float[length];
        foreach (ref var value in values.AsSpan())
        {
            value = (float)random.NextGaussian();
        }

        return values;
    }

    public static double[] Gram(float[] table, int dims, IEnumerable<int> rows)
    {
        var gram = new double[dims * dims];
        foreach (var row in rows)
        {
            for (var i = 0; i < dims; i++)
            {
                for (var j = 0; j < dims; j++)
                {
                    gram[(i * dims) + j] += (double)table[(row * dims) + i] * table[(row * dims) + j];
                }
            }
        }

        return gram;
    }

    /// <summary>Gaussian elimination with partial pivoting.</summary>
    public static double[] Solve(float[] matrix, float[] vector)
    {
        var n = vector.Length;
        var a = Array.ConvertAll(matrix, x => (double)x);
        var b = Array.ConvertAll(vector, x => (double)x);
        for (var k = 0; k < n; k++)
        {
            var pivot = Enumerable.Range(k, n - k).MaxBy(i => Math.Abs(a[(i * n) + k]));
            for (var j = 0; j < n; j++)
            {
                (a[(k * n) + j], a[(pivot * n) + j]) = (a[(pivot * n) + j], a[(k * n) + j]);
            }

            (b[k], b[pivot]) = (b[pivot], b[k]);
            for (var i = k + 1; i < n; i++)
            {
                var factor = a[(i * n) + k] / a[(k * n) + k];
                for (var j = k; j < n; j++)
                {
                    a[(i * n) + j] -= factor * a[(k * n) + j];
                }

                b[i] -= factor * b[k];
            }
        }

        for (var i = n - 1; i >= 0; i--)
        {
            for (var j = i + 1; j < n; j++)
            {
                b[i] -= a[(i * n) + j] * b[j];
            }

            b[i] /= a[(i * n) + i];
        }

        return b;
    }
}
