using System.Numerics.Tensors;
using FedRec.Core.Data;
using FedRec.Core.Learners.ShallowAutoencoders;
using FedRec.Core.Updates;

namespace FedRec.Core.Learners.PrincipalComponents;

/// <summary>Contributes the users' vectors, and their products; scores by the weights from the user's own items.</summary>
internal sealed class PcaWorker(PcaOptions options) : ILearnerWorker
{
    private float[] _factors = [];
    private float[] _vector = [];

    /// <inheritdoc/>
    public LocalResult Train(PreparedModel model, LocalTask task, UpdateBuffer output)
    {
        var (pca, data, examples) = ((PcaModel)model, task.Data, 0);
        var common = pca.Phase.Rounds == 0 ? null : pca.Common;
        var sum = output.Segment(0, common is null ? pca.Popularity.Length : common.Items.Length * (common.Items.Length + 1) / 2); // of all users: what is clipped is how long they are together
        sum.Clear();
        for (var user = 0; user < data.UserCount; user++)
        {
            var own = data.History(user).Items;
            examples += own.Length;
            if (common is not null)
            {
                AddPairs(common, own, sum);
                continue;
            }

            foreach (var item in own)
            {
                sum[item] += (float)(1 / Math.Sqrt(own.Length));
            }
        }

        return new LocalResult(0, examples);
    }

    /// <inheritdoc/>
    public void Score(PreparedModel model, UserHistory history, Span<float> scores)
    {
        var pca = (PcaModel)model;
        if (pca.Derived is null || history.Items.IsEmpty)
        {
            pca.Popularity.CopyTo(scores); // nothing to go by but what others like
            return;
        }

        pca.Weights.Score(history.Items, FactorsOf(history), scores);
    }

    /// <inheritdoc/>
    /// <remarks>Exact: the parts are the weights from the own items, and the score is their sum.</remarks>
    public void Explain(PreparedModel model, UserHistory history, int item, Span<float> parts)
    {
        var pca = (PcaModel)model;
        if (pca.Derived is null)
        {
            parts.Clear();
            return;
        }

        var weights = pca.Weights;
        var factors = FactorsOf(history);
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = weights.Weight(history.Items[i], item) * (factors.IsEmpty ? 1 : factors[i]);
        }
    }

    /// <inheritdoc/>
    public IItemSimilarity? Similarity(PreparedModel model) => ((PcaModel)model).Derived is null ? null : new WeightSimilarity(((PcaModel)model).Weights, "pca");

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private ReadOnlySpan<float> FactorsOf(UserHistory history) => Recency.Counts(new UserHistory(history.Items, ages: history.Ages), options.Recency, ref _factors); // interactions count alike

    // The upper triangle of v·vᵀ, where v is what the user's items have beside what everybody has, of length 1; off the diagonal by √2, so that the triangle has length 1 too.
    private void AddPairs(CommonItems common, ReadOnlySpan<int> own, Span<float> triangle)
    {
        var (items, direction) = (common.Items, common.Direction);
        if (_vector.Length != items.Length)
        {
            _vector = new float[items.Length];
        }

        Array.Clear(_vector);
        var (shared, place) = (0f, 0);
        foreach (var item in own)
        {
            for (; place < items.Length && items[place] < item; place++)
            {
            }

            if (place < items.Length && items[place] == item)
            {
                (_vector[place], shared) = (1, shared + direction[place]);
            }
        }

        if (shared == 0)
        {
            return; // none of them, or but such as nobody was seen to have
        }

        TensorPrimitives.MultiplyAdd(direction, -shared, _vector, _vector);
        var length = TensorPrimitives.Norm<float>(_vector);
        if (length < 1e-3f)
        {
            return; // what everybody has, and nothing else
        }

        TensorPrimitives.Divide(_vector, length, _vector);
        for (var row = 0; row < items.Length; row++)
        {
            var values = triangle[..(items.Length - row)];
            var itself = values[0] + (_vector[row] * _vector[row]);
            TensorPrimitives.MultiplyAdd(_vector.AsSpan(row), _vector[row] * MathF.Sqrt(2), values, values);
            values[0] = itself;
            triangle = triangle[values.Length..];
        }
    }
}
