using System.Numerics.Tensors;
using FedRec.Core.Federation;

namespace FedRec.Benchmarks.Attacks;

/// <summary>The item vectors of one round, as attackers work with them: what everybody receives.</summary>
internal sealed class ItemTable
{
    private const float Alpha = 0.1f; // of all items, as in iALS
    private const float Ridge = 1;
    private const int Steps = 20;
    private readonly ReadOnlyMemory<float> _values;
    private readonly float[] _gram;

    private ItemTable(ReadOnlyMemory<float> values, int items, int dims)
    {
        (_values, Items, Dims, _gram, Mean) = (values, items, dims, new float[dims * dims], new float[dims]);
        for (var item = 0; item < items; item++)
        {
            TensorPrimitives.MultiplyAdd(Row(item), 1f / items, Mean, Mean);
            for (var i = 0; i < dims; i++)
            {
                var row = _gram.AsSpan(i * dims, dims);
                TensorPrimitives.MultiplyAdd(Row(item), Row(item)[i], row, row);
            }
        }
    }

    /// <summary>Items of the catalogue.</summary>
    public int Items { get; }

    /// <summary>Length of an item vector.</summary>
    public int Dims { get; }

    /// <summary>The vectors that a client has received.</summary>
    public static ItemTable Of(HonestUpdate honest, Knowledge known) => new(honest.Model.Parameters, known.Items, known.Dims);

    /// <summary>The mean item.</summary>
    public float[] Mean { get; }

    /// <summary>One item's vector.</summary>
    public ReadOnlySpan<float> Row(int item) => _values.Span.Slice(item * Dims, Dims);

    /// <summary>The vector of a user with some items, by the least squares of iALS (Hu et al. 2008), which attackers can solve without the learner: conjugate gradients.</summary>
    public float[] User(ReadOnlySpan<int> own)
    {
        var (user, residual) = (new float[Dims], new float[Dims]);
        foreach (var item in own)
        {
            TensorPrimitives.Add(residual, Row(item), residual);
        }

        var (direction, product, squares) = ((float[])residual.Clone(), new float[Dims], TensorPrimitives.Dot<float>(residual, residual));
        for (var step = 0; step < Steps && squares > 1e-10f; step++)
        {
            Multiply(own, direction, product);
            var length = squares / TensorPrimitives.Dot<float>(direction, product);
            TensorPrimitives.MultiplyAdd(direction, length, user, user);
            TensorPrimitives.MultiplyAdd(product, -length, residual, residual);
            var left = TensorPrimitives.Dot<float>(residual, residual);
            TensorPrimitives.MultiplyAdd(direction, left / squares, residual, direction);
            squares = left;
        }

        return user;
    }

    /// <summary>How far an item is from the mean one. Most items are cold and near each other: the farther, the more popular.</summary>
    public float FromMean(int item) => TensorPrimitives.Distance(Row(item), Mean);

    /// <summary>Scores of all items for a user.</summary>
    public float[] Scores(ReadOnlySpan<float> user)
    {
        var scores = new float[Items];
        for (var item = 0; item < Items; item++)
        {
            scores[item] = TensorPrimitives.Dot(Row(item), user);
        }

        return scores;
    }

    private void Multiply(ReadOnlySpan<int> own, float[] vector, float[] product)
    {
        for (var i = 0; i < Dims; i++)
        {
            product[i] = (Ridge * vector[i]) + (Alpha * TensorPrimitives.Dot<float>(_gram.AsSpan(i * Dims, Dims), vector));
        }

        foreach (var item in own)
        {
            TensorPrimitives.MultiplyAdd(Row(item), TensorPrimitives.Dot(Row(item), vector), product, product);
        }
    }
}
