using FedRec.Core.Data;
using FedRec.Core.Learners.LinearAlgebra;
using FedRec.Core.Updates;

namespace FedRec.Core.Learners.MatrixFactorizations;

/// <summary>Solves each user from its ratings and contributes the gradients of the vectors and biases of the items it rated.</summary>
/// <remarks>Half the gradient of an item's vector is Σ_u (e·u + λ·v) and of its bias Σ_u (e + λ·bias), over the users who rated it,
/// with e = prediction − rating; the factor 2 is left to the server.</remarks>
internal sealed class RatingWorker(MatrixFactorizationOptions options, UpdateLayout update, FederationShape shape) : IRatingWorker
{
    private readonly int _dims = options.Dims;
    private readonly RatingFoldIn _foldIn = new(options);
    private readonly TouchedRows _touched = new(shape.Items, options.Dims);

    /// <inheritdoc/>
    public LocalResult Train(PreparedModel model, LocalTask task, UpdateBuffer output)
    {
        var data = task.Data;
        var slots = Touch(data, output);
        foreach (var item in _touched.Items)
        {
            output.Segment(update.Offset(RatingObjective.ItemBias) + item, 1);
        }

        output.Segment(update.Offset(RatingObjective.MeanRating), 1);
        output.Segment(update.Offset(RatingObjective.UserCount), 1);
        output.Values.Clear();

        var (squares, examples) = (0.0, 0);
        for (var user = 0; user < data.UserCount; user++)
        {
            if (!data.Ratings(user).IsEmpty)
            {
                squares += AddUser((RatingModel)model, data.History(user), output.Values, slots);
                examples += data.Items(user).Length;
            }
        }

        return new LocalResult(squares / Math.Max(examples, 1), examples);
    }

    /// <inheritdoc/>
    public void Score(PreparedModel model, UserHistory history, Span<float> scores)
    {
        var version = (RatingModel)model;
        var user = _foldIn.Solve(version, history);
        for (var item = 0; item < scores.Length; item++)
        {
            scores[item] = Predict(version, user, item);
        }
    }

    /// <inheritdoc/>
    /// <remarks>On the scale of the data: the user's mean is added back, and what lies outside the known scale is moved to its end.</remarks>
    public void Predict(PreparedModel model, UserHistory history, ReadOnlySpan<int> items, Span<float> predictions)
    {
        var version = (RatingModel)model;
        var user = _foldIn.Solve(version, history);
        var (lowest, highest) = shape.RatingScale ?? (float.MinValue, float.MaxValue);
        for (var i = 0; i < items.Length; i++)
        {
            predictions[i] = Math.Clamp(Predict(version, user, items[i]), lowest, highest);
        }
    }

    /// <inheritdoc/>
    /// <remarks>The parts add up to the score less the user's mean rating and the item's bias, which no own item brings.</remarks>
    public void Explain(PreparedModel model, UserHistory history, int item, Span<float> parts) =>
        _foldIn.Explain((RatingModel)model, history, item, parts);

    /// <inheritdoc/>
    public IItemSimilarity Similarity(PreparedModel model) => new VectorSimilarity(((RatingModel)model).ItemVectors, _dims);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private float Predict(RatingModel model, ReadOnlySpan<float> user, int item) =>
        _foldIn.Mean + _foldIn.Bias + model.Biases[item] + VectorKernels.Dot(user, model.Items.Slice(item * _dims, _dims));

    /// <summary>Lays out one row per item that a user of the client has rated.</summary>
    /// <returns>Number of rows.</returns>
    private int Touch(ClientData data, UpdateBuffer output)
    {
        _touched.Clear();
        for (var user = 0; user < data.UserCount; user++)
        {
            foreach (var item in data.Ratings(user).IsEmpty ? [] : data.Items(user))
            {
                _touched.Add(item);
            }
        }

        return _touched.Lay(output).Length / _dims;
    }

    /// <summary>Adds one user's gradients: rows, then biases, the mean and the count.</summary>
    /// <returns>The sum of squared errors.</returns>
    private double AddUser(RatingModel model, UserHistory history, Span<float> values, int slots)
    {
        var user = _foldIn.Solve(model, history);
        var biases = values.Slice(slots * _dims, slots);
        var squares = 0.0;
        for (var i = 0; i < history.Items.Length; i++)
        {
            var (item, penalty) = (history.Items[i], (float)options.ItemPenalty);
            var slot = _touched.Add(item);
            var error = Predict(model, user, item) - history.Ratings[i];
            var row = values.Slice(slot * _dims, _dims);
            VectorKernels.AddScaled(user, error, row);
            VectorKernels.AddScaled(model.Items.Slice(item * _dims, _dims), penalty, row);
            biases[slot] += error + (penalty * model.Biases[item]);
            squares += (double)error * error;
        }

        values[^2] += _foldIn.Mean;
        values[^1] += 1;
        return squares;
    }
}

/// <summary>Tells, before a run starts, when an objective has nothing to learn from.</summary>
internal static class UsableData
{
    /// <summary>Refuses data that the objective cannot use.</summary>
    /// <exception cref="ArgumentException">Says what is missing and what to do.</exception>
    public static void ThrowUnlessUsable(MatrixFactorizationOptions options, FederationShape shape)
    {
        if (options.IsLocalSgd && !shape.HasNegatives)
        {
            throw new ArgumentException(
                $"The objective {MatrixFactorizationDescriptor.NameOf(options.Objective)} needs items that a user has not met, but every user has met all {shape.Items}; " +
                "use the objective least-squares, or data with more items.");
        }

        if (options.Objective == MatrixFactorizationObjective.Ratings && !shape.HasRatings)
        {
            throw new ArgumentException("The objective mse learns from ratings, but the data has no ratings; use least-squares, logistic or bpr.");
        }
    }
}
