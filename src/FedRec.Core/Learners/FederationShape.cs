using FedRec.Core.Data;
using FedRec.Core.Data.Features;
using FedRec.Core.Data.Times;

namespace FedRec.Core.Learners;

/// <summary>What a learner must know of a federation before it starts; nothing of it is about a single user.</summary>
/// <param name="Items">Items of the catalogue, at least 1.</param>
/// <param name="Clients">Clients of the federation, at least 1. Default: 1.</param>
/// <param name="HasRatings">Whether interactions carry ratings. Default: false.</param>
/// <param name="HasNegatives">Whether some user has not met every item, so that there is something to tell apart. Default: true.</param>
/// <param name="RatingScale">Lowest and highest rating that occurs in training; null when it is not known.</param>
public sealed record FederationShape(int Items, int Clients = 1, bool HasRatings = false, bool HasNegatives = true, (float Lowest, float Highest)? RatingScale = null)
{
    /// <summary>Users of the federation, as far as they are known. Default: 0.</summary>
    public int Users { get; init; }

    /// <summary>Training interactions of the federation, as far as they are known. Default: 0.</summary>
    public long Interactions { get; init; }

    /// <summary>Whether interactions carry times, so that users' own items have an order. Default: false.</summary>
    public bool HasTimes { get; init; }

    /// <summary>What these times count. Default: seconds.</summary>
    public TimeUnit TimeUnit { get; init; }

    /// <summary>The users' features; null when they have none. Default: null.</summary>
    public FeatureSchema? UserFeatures { get; init; }

    /// <summary>The items' features, which are public; null when they have none. Default: null.</summary>
    public FeatureTable? ItemFeatures { get; init; }

    /// <summary>What is predicted from a row's features; null when the data is interactions. Default: null.</summary>
    public LabelTask? Task { get; init; }

    /// <summary>The shape of loaded data.</summary>
    public static FederationShape Of(Dataset dataset, int clients)
    {
        var items = dataset.Items.Count;
        var hasNegatives = Enumerable.Range(0, dataset.Train.UserCount).Any(user => dataset.Train.Items(user).Length is > 0 and var own && own < items);
        return new FederationShape(items, clients, dataset.Train.HasRatings, hasNegatives, dataset.Train.RatingScale)
        {
            Users = dataset.Train.UserCount,
            Interactions = dataset.Train.Count,
            HasTimes = dataset.Train.HasTimes,
            TimeUnit = dataset.TimeUnit,
            UserFeatures = dataset.Train.Features?.Schema,
            ItemFeatures = dataset.ItemFeatures,
            Task = dataset.Task,
        };
    }
}
