using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Learners.LinearAlgebra;
using FedRec.Core.Updates;

namespace FedRec.Core.Learners.MatrixFactorizations;

/// <summary>Weighted squares over all items: clients contribute sufficient statistics, and the server forms the exact gradient.</summary>
internal sealed class LeastSquaresObjective(MatrixFactorizationOptions options, int itemCount) : IFactorObjective
{
    /// <summary>Position of Σ u·uᵀ in the update.</summary>
    internal const int UserGram = 1;

    /// <summary>Position of the number of users in the update.</summary>
    internal const int UserCount = 2;

    /// <inheritdoc/>
    public ParameterLayout Parameters { get; } = new(MatrixFactorization.ItemFactors(itemCount, options.Dims));

    /// <inheritdoc/>
    public RoundRecipe Recipe { get; } = new(new UpdateLayout(
        new("item_factors", itemCount, options.Dims, BlockRole.Statistic), new("user_gram", options.Dims, options.Dims, BlockRole.Statistic),
        new("user_count", 1, 1, BlockRole.Count, Sensitivity: 1)));

    /// <inheritdoc/>
    public PreparedModel Prepare(ReadOnlyMemory<float> parameters) => new MatrixFactorizationModel(parameters, itemCount, options.Dims);

    /// <inheritdoc/>
    public ILearnerWorker CreateWorker(Func<int, NegativeSampler> sampler) => new LeastSquaresWorker(options, Recipe.Update, itemCount);

    /// <summary>Minus the gradient of the summed loss with respect to the item vectors, per user.</summary>
    public void Aggregate(ReadOnlySpan<float> parameters, IAggregate aggregate, Span<float> delta)
    {
        var sum = aggregate.Sum;
        var dims = options.Dims;
        var sums = sum.Values;
        var users = sum.Scale.Decode(sums[Recipe.Update.Offset(UserCount)]);
        var scale = -2 / users;
        var gram = new float[dims * dims]; // α·(Σ u·uᵀ + λ·users·I)
        for (var i = 0; i < gram.Length; i++)
        {
            var ridge = i % (dims + 1) == 0 ? options.ItemPenalty * users : 0;
            gram[i] = (float)(scale * options.Alpha * (sum.Scale.Decode(sums[Recipe.Update.Offset(UserGram) + i]) + ridge));
        }

        for (var i = 0; i < delta.Length; i++)
        {
            delta[i] = (float)(scale * sum.Scale.Decode(sums[i]));
        }

        for (var i = 0; i < delta.Length; i++)
        {
            var target = delta.Slice(i / dims * dims, dims);
            VectorKernels.AddScaled(gram.AsSpan(i % dims * dims, dims), parameters[i], target);
        }
    }
}

/// <summary>Solves each user vector and contributes the gradient of the client's own items and the Gram matrix of its users.</summary>
/// <remarks>The gradient of an item is 2·(Σ_u w·((ŷ − 1)·u + λ·v)), where w is what the item counts for the user, over the users who have it, which is sparse, plus
/// 2·(α·Σ_u u·uᵀ·v + λ·α·users·v) over all users, which the server works out from dims × dims numbers: so a client's cost
/// follows its own items and not the catalogue. The common factor 2 is left to the server too.</remarks>
internal sealed class LeastSquaresWorker(MatrixFactorizationOptions options, UpdateLayout update, int itemCount) : ILearnerWorker
{
    private readonly int _dims = options.Dims;
    private readonly FoldIn _foldIn = new(options, itemCount);
    private readonly TouchedRows _touched = new(itemCount, options.Dims);

    /// <inheritdoc/>
    public LocalResult Train(PreparedModel model, LocalTask task, UpdateBuffer output)
    {
        var prepared = (MatrixFactorizationModel)model;
        var data = task.Data;
        var rows = Touch(data, output);
        output.Segment(update.Offset(LeastSquaresObjective.UserGram), _dims * _dims);
        output.Segment(update.Offset(LeastSquaresObjective.UserCount), 1)[0] = data.UserCount;
        output.Values[..^1].Clear();

        var (loss, examples, total) = (0.0, 0, 0.0);
        for (var user = 0; user < data.UserCount; user++)
        {
            var own = data.Items(user);
            var weights = ExampleWeights.Shorten(data.Weights(user));
            loss += AddUser(prepared, own, weights, output.Values[..rows], output.Values.Slice(rows, _dims * _dims));
            examples += own.Length;
            total += ExampleWeights.Total(own.Length, weights);
        }

        return new LocalResult(examples == 0 ? 0 : loss / total, examples);
    }

    /// <inheritdoc/>
    public void Score(PreparedModel model, UserHistory history, Span<float> scores) =>
        UserScorer.Score(_foldIn, (MatrixFactorizationModel)model, history, scores);

    /// <inheritdoc/>
    public void Explain(PreparedModel model, UserHistory history, int item, Span<float> parts) =>
        _foldIn.Explain((MatrixFactorizationModel)model, history, item, parts);

    /// <inheritdoc/>
    public IItemSimilarity Similarity(PreparedModel model) => new VectorSimilarity(((MatrixFactorizationModel)model).Items, _dims);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    /// <summary>Lays out one row per item of the client.</summary>
    /// <returns>Number of values of these rows.</returns>
    private int Touch(ClientData data, UpdateBuffer output)
    {
        _touched.Clear();
        for (var user = 0; user < data.UserCount; user++)
        {
            foreach (var item in data.Items(user))
            {
                _touched.Add(item);
            }
        }

        return _touched.Lay(output).Length;
    }

    /// <summary>Adds one user's gradients.</summary>
    /// <returns>The user's loss with its L2: at the minimum it is Σ w − uᵀb.</returns>
    private double AddUser(MatrixFactorizationModel model, ReadOnlySpan<int> own, ReadOnlySpan<float> weights, Span<float> rows, Span<float> gram)
    {
        var table = model.Items.Span;
        var user = _foldIn.Solve(model, own, weights);
        var loss = ExampleWeights.Total(own.Length, weights);
        for (var i = 0; i < own.Length; i++)
        {
            var weight = weights.IsEmpty ? 1 : weights[i];
            var factors = table.Slice(own[i] * _dims, _dims);
            var predicted = VectorKernels.Dot(user, factors);
            loss -= weight * predicted;
            var row = rows.Slice(_touched.Add(own[i]) * _dims, _dims);
            VectorKernels.AddScaled(user, weight * (predicted - 1), row);
            VectorKernels.AddScaled(factors, weight * (float)options.ItemPenalty, row);
        }

        for (var i = 0; i < _dims; i++)
        {
            VectorKernels.AddScaled(user, user[i], gram.Slice(i * _dims, _dims));
        }

        return loss;
    }
}
