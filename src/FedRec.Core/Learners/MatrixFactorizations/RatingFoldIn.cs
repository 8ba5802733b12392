using FedRec.Core.Data;
using FedRec.Core.Learners.LinearAlgebra;

namespace FedRec.Core.Learners.MatrixFactorizations;

/// <summary>Derives a user's mean, vector and bias from the user's own ratings, in closed form.</summary>
/// <remarks>With x = (v, 1) for each rated item and t = rating − mean − item bias, it solves (Σ x·xᵀ + λ·n·I)·(u, bias) = Σ t·x.
/// Scratch memory is reused from call to call. Not thread-safe.</remarks>
internal sealed class RatingFoldIn(MatrixFactorizationOptions options)
{
    private readonly int _dims = options.Dims;
    private readonly int _order = options.Dims + 1;
    private readonly float[] _matrix = new float[(options.Dims + 1) * (options.Dims + 1)];
    private readonly float[] _vector = new float[options.Dims + 1];
    private float[] _rows = [];
    private float[] _targets = [];

    /// <summary>The user's own mean rating, or the mean of all users for one who has rated nothing.</summary>
    public float Mean { get; private set; }

    /// <summary>Bias of the user after <see cref="Solve"/>.</summary>
    public float Bias => _vector[_dims];

    /// <summary>What is left of each rating after the user's mean and the item's bias.</summary>
    public ReadOnlySpan<float> Targets(int count) => _targets.AsSpan(0, count);

    /// <summary>Solves for the user.</summary>
    /// <param name="model">The version.</param>
    /// <param name="history">The user's items; without ratings, they say nothing, and the user has the zero vector.</param>
    /// <returns>u, dims values; valid until the next call.</returns>
    /// <exception cref="ArithmeticException">The item factors are not finite.</exception>
    public Span<float> Solve(RatingModel model, UserHistory history)
    {
        Array.Clear(_vector);
        Mean = model.MeanRating;
        if (!history.Ratings.IsEmpty)
        {
            Factor(model, history);
            for (var i = 0; i < history.Items.Length; i++)
            {
                VectorKernels.AddScaled(Row(i), _targets[i], _vector);
            }

            CholeskySolver.Solve(_matrix, _order, _vector);
        }

        return _vector.AsSpan(0, _dims);
    }

    /// <summary>Splits what the user's vector and bias add to an item's score into the parts of the user's ratings.</summary>
    /// <param name="model">The version.</param>
    /// <param name="history">The user's items with ratings.</param>
    /// <param name="item">The scored item.</param>
    /// <param name="parts">Receives one part per own item; they add up to the score less the user's mean and the item's bias.</param>
    public void Explain(RatingModel model, UserHistory history, int item, Span<float> parts)
    {
        parts.Clear();
        if (history.Ratings.IsEmpty)
        {
            return;
        }

        Factor(model, history);
        model.Items.Slice(item * _dims, _dims).CopyTo(_vector);
        _vector[_dims] = 1;
        CholeskySolver.Solve(_matrix, _order, _vector);
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = _targets[i] * VectorKernels.Dot(Row(i), _vector);
        }
    }

    /// <summary>Normalises the ratings, then builds and factors the matrix.</summary>
    private void Factor(RatingModel model, UserHistory history)
    {
        Normalise(model, history);
        Array.Clear(_matrix);
        Gram.AddUpper(_rows.AsSpan(0, history.Items.Length * _order), _order, _matrix);
        for (var i = 0; i < _matrix.Length; i += _order + 1)
        {
            _matrix[i] += (float)(options.UserPenalty * history.Items.Length);
        }

        if (!CholeskySolver.TryFactor(_matrix, _order))
        {
            throw new ArithmeticException("The fold-in has no solution: the item factors are not finite, or far too large.");
        }
    }

    private void Normalise(RatingModel model, UserHistory history)
    {
        var items = model.Items;
        var biases = model.Biases;
        var count = history.Items.Length;
        if (_targets.Length < count)
        {
            (_targets, _rows) = (new float[count], new float[count * _order]);
        }

        Mean = VectorKernels.Sum(history.Ratings) / count;
        for (var i = 0; i < count; i++)
        {
            var item = history.Items[i];
            _targets[i] = history.Ratings[i] - Mean - biases[item];
            items.Slice(item * _dims, _dims).CopyTo(Row(i));
            Row(i)[_dims] = 1;
        }
    }

    private Span<float> Row(int i) => _rows.AsSpan(i * _order, _order);
}
