using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Updates;

namespace FedRec.Core.Learners.MatrixFactorizations;

/// <summary>Squared errors of ratings: ŷ = mean of the user + user bias + item bias + u·v (Koren, Bell and Volinsky 2009).</summary>
/// <remarks>Each client subtracts its user's own mean, so the scale on which somebody rates stays private, and solves user vector and
/// user bias from the user's ratings; clients contribute the gradients of the items they rated, and the server forms their sum
/// over all users: the exact gradient, as for least squares.</remarks>
internal sealed class RatingObjective(MatrixFactorizationOptions options, FederationShape shape) : IFactorObjective
{
    /// <summary>Position of the items × dims block in both layouts.</summary>
    internal const int ItemFactors = 0;

    /// <summary>Position of the item biases in both layouts.</summary>
    internal const int ItemBias = 1;

    /// <summary>Position of the mean of the users' means in both layouts.</summary>
    internal const int MeanRating = 2;

    /// <summary>Position of the number of users in the update.</summary>
    internal const int UserCount = 3;

    /// <summary>Rating points of one unit of the mean parameter.</summary>
    /// <remarks>Adam steps all parameters about equally far; in this unit the mean arrives in few rounds.</remarks>
    internal const float MeanRatingUnit = 10;

    /// <inheritdoc/>
    public ParameterLayout Parameters { get; } = new(
        MatrixFactorization.ItemFactors(shape.Items, options.Dims), new("item_bias", shape.Items, 1), new("mean_rating", 1, 1));

    /// <inheritdoc/>
    public RoundRecipe Recipe { get; } = new(new UpdateLayout(
        new("item_factors", shape.Items, options.Dims, BlockRole.Statistic), new("item_bias", shape.Items, 1, BlockRole.Statistic),
        new("mean_rating", 1, 1, BlockRole.Statistic), new("user_count", 1, 1, BlockRole.Count, Sensitivity: 1)));

    /// <inheritdoc/>
    public PreparedModel Prepare(ReadOnlyMemory<float> parameters) => new RatingModel(parameters, Parameters);

    /// <inheritdoc/>
    public ILearnerWorker CreateWorker(Func<int, NegativeSampler> sampler) => new RatingWorker(options, Recipe.Update, shape);

    /// <summary>Minus the gradient of the summed loss, per user; the mean steps from where it is to the mean of the users' means.</summary>
    public void Aggregate(ReadOnlySpan<float> parameters, IAggregate aggregate, Span<float> delta)
    {
        var sum = aggregate.Sum;
        var values = sum.Values;
        var users = sum.Scale.Decode(values[Recipe.Update.Offset(UserCount)]);
        if (users == 0)
        {
            delta.Clear(); // nobody who took part has rated anything
            return;
        }

        for (var i = 0; i < delta.Length; i++)
        {
            delta[i] = (float)(-2 / users * sum.Scale.Decode(values[i]));
        }

        var mean = Recipe.Update.Offset(MeanRating);
        delta[mean] = (float)((sum.Scale.Decode(values[mean]) / users / MeanRatingUnit) - parameters[mean]);
    }
}

/// <summary>Item factors, item biases and the mean rating of one version; nothing is worked out ahead.</summary>
internal sealed class RatingModel(ReadOnlyMemory<float> parameters, ParameterLayout layout) : PreparedModel(parameters)
{
    /// <summary>V, items × dims.</summary>
    public ReadOnlySpan<float> Items => ItemVectors.Span;

    /// <summary>V in memory that stays.</summary>
    public ReadOnlyMemory<float> ItemVectors => Parameters.Slice(layout.Offset(RatingObjective.ItemFactors), layout.Blocks[RatingObjective.ItemFactors].Length);

    /// <summary>What each item is rated above or below its raters' means.</summary>
    public ReadOnlySpan<float> Biases => Block(RatingObjective.ItemBias);

    /// <summary>The mean of the users' mean ratings, for users who have rated nothing.</summary>
    public float MeanRating => Block(RatingObjective.MeanRating)[0] * RatingObjective.MeanRatingUnit;

    private ReadOnlySpan<float> Block(int block) => Parameters.Span.Slice(layout.Offset(block), layout.Blocks[block].Length);
}
