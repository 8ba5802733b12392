using FedRec.Core.Aggregation;
using FedRec.Core.Data;

namespace FedRec.Core.Models.MatrixFactorizations;

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

    /// <summary>Position of the number of users in the contribution.</summary>
    internal const int UserCount = 3;

    /// <summary>Rating points of one unit of the mean parameter.</summary>
    /// <remarks>Adam steps all parameters about equally far; in this unit the mean arrives in few rounds.</remarks>
    internal const float MeanRatingUnit = 10;

    private static readonly ParameterBlock s_mean = new("mean_rating", 1, 1);

    /// <inheritdoc/>
    public ParameterLayout Parameters { get; } = new(
        MatrixFactorization.ItemFactors(shape.Items, options.Dims), new("item_bias", shape.Items, 1), s_mean);

    /// <inheritdoc/>
    public ParameterLayout Contribution { get; } = new(
        MatrixFactorization.ItemFactors(shape.Items, options.Dims), new("item_bias", shape.Items, 1), s_mean, new("user_count", 1, 1));

    /// <inheritdoc/>
    public PreparedModel Prepare(ReadOnlyMemory<float> parameters) => new RatingModel(parameters, Parameters);

    /// <inheritdoc/>
    public ILearnerWorker CreateWorker(Func<int, NegativeSampler> sampler) => new RatingWorker(options, Contribution, shape);

    /// <summary>Minus the gradient of the summed loss, per user; the mean steps from where it is to the mean of the users' means.</summary>
    public void Aggregate(ReadOnlySpan<float> parameters, ContributionSum sum, Span<float> delta)
    {
        var values = sum.Values;
        var users = sum.Scale.Decode(values[Contribution.Offset(UserCount)]);
        if (users == 0)
        {
            delta.Clear(); // nobody who took part has rated anything
            return;
        }

        for (var i = 0; i < delta.Length; i++)
        {
            delta[i] = (float)(-2 / users * sum.Scale.Decode(values[i]));
        }

        var mean = Contribution.Offset(MeanRating);
        delta[mean] = (float)((sum.Scale.Decode(values[mean]) / users / MeanRatingUnit) - parameters[mean]);
    }
}
