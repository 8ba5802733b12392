using FedRec.Core.Data;

namespace FedRec.Core.Tests.Learners.ShallowAutoencoders;

/// <summary>EASE on pooled data, written straight from the paper: Gauss-Jordan elimination in double precision.</summary>
internal static class Reference
{
    /// <param name="data">All users' items.</param>
    /// <param name="items">Items of the catalogue.</param>
    /// <param name="lambda">λ.</param>
    /// <param name="dropout">Share taken as unknown.</param>
    /// <param name="pair">What a pair of items of two ages counts; 1 when null.</param>
    /// <param name="timed">What a pair of items of two times counts, in place of <paramref name="pair"/>.</param>
    public static double[,] Weights(
        UserItems data, int items, double lambda, double dropout = 0, Func<float, float, double>? pair = null, Func<long, long, double>? timed = null)
    {
        var inverse = Inverse(Regularised(data, items, lambda, dropout, (user, a, b) =>
            timed?.Invoke(data.Timestamps(user)[a], data.Timestamps(user)[b]) ?? pair?.Invoke(data.Ages(user)[a], data.Ages(user)[b]) ?? 1), items);
        var weights = new double[items, items];
        for (var i = 0; i < items; i++)
        {
            for (var j = 0; j < items; j++)
            {
                weights[i, j] = i == j ? 0 : -inverse[i, j] / inverse[j, j];
            }
        }

        return weights;
    }

    private static double[,] Regularised(UserItems data, int items, double lambda, double dropout, Func<int, int, int, double> pair)
    {
        var gram = new double[items, items];
        for (var user = 0; user < data.UserCount; user++)
        {
            var own = data.Items(user).ToArray();
            for (var a = 0; a < own.Length; a++)
            {
                for (var b = 0; b < own.Length; b++)
                {
                    gram[own[a], own[b]] += pair(user, a, b);
                }
            }
        }

        for (var i = 0; i < items; i++)
        {
            gram[i, i] += lambda + (dropout / (1 - dropout) * gram[i, i]);
        }

        return gram;
    }

    private static double[,] Inverse(double[,] matrix, int size)
    {
        var inverse = new double[size, size];
        for (var i = 0; i < size; i++)
        {
            inverse[i, i] = 1;
        }

        for (var pivot = 0; pivot < size; pivot++)
        {
            AddRow(pivot, pivot, (1 / matrix[pivot, pivot]) - 1); // positive: the matrix is positive definite
            foreach (var row in Enumerable.Range(0, size).Where(row => row != pivot))
            {
                AddRow(pivot, row, -matrix[row, pivot]);
            }
        }

        return inverse;

        void AddRow(int from, int to, double factor)
        {
            for (var column = 0; column < size; column++)
            {
                matrix[to, column] += factor * matrix[from, column];
                inverse[to, column] += factor * inverse[from, column];
            }
        }
    }
}
