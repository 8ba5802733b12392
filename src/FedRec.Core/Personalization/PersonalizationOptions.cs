using System.Globalization;
using FedRec.Core.Learners;

namespace FedRec.Core.Personalization;

/// <summary>Settings of the personalisation.</summary>
public sealed record PersonalizationOptions
{
    /// <summary>The names users choose a method by, in the order of <see cref="PersonalizationMethod"/>.</summary>
    public static IReadOnlyList<string> Names { get; } = ["none", "fine-tune", "additive", "interpolate", "clusters"];

    /// <summary>The method. Default: none.</summary>
    public PersonalizationMethod Method { get; init; }

    /// <summary>Local steps, 0 to 1,000. Default: 5.</summary>
    public int Steps { get; init; } = 5;

    /// <summary>Size of a step along the client's own direction, 0 to 1,000. Default: 0.1.</summary>
    /// <remarks>A whole local step (1) is made for a server that averages many, or takes only their signs: alone it leaves the model it began with. On
    /// validation items of MovieLens 100K a tenth was the best of 0.1 and 1 for <c>ncf</c> with single users (NDCG@10 .071, 1: .009), of 0.01
    /// to 0.3 with 20 parties, and of 0.01 to 1 for <c>mf</c> with logistic loss.</remarks>
    public double LearningRate { get; init; } = 0.1;

    /// <summary>λ₁ of the additive table, 0 to 10⁹: what is less worth is zero. Default: 0.01.</summary>
    public double L1 { get; init; } = 0.01;

    /// <summary>λ₂ of the additive table, 0 to 10⁹. Default: 0.01.</summary>
    public double L2 { get; init; } = 0.01;

    /// <summary>Clusters, 1 to 16. Default: 2.</summary>
    public int Clusters { get; init; } = 2;

    /// <summary>Rounds in which the clusters form before their models part from the shared one, 1 to 1,000,000; null for half of the
    /// run's. As many as the run has, or more, leave all models the same. Default: null.</summary>
    public int? ClusterWarmUp { get; init; }

    /// <summary>Reads a method's name.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static PersonalizationMethod Parse(string name) => Names.ToList().IndexOf(name) is >= 0 and var index
        ? (PersonalizationMethod)index
        : throw new ArgumentException($"There is no personalisation '{name}'; use {string.Join(", ", Names)}.", nameof(name));

    /// <summary>Refuses values outside their ranges.</summary>
    /// <exception cref="ArgumentException">Names the setting, its value and its range.</exception>
    public void Validate()
    {
        Require(Steps is >= 0 and <= 1_000, "personal-steps", Steps, "0 to 1,000");
        Require(LearningRate is >= 0 and <= 1_000, "personal-rate", LearningRate, "0 to 1,000");
        Require(L1 is >= 0 and <= 1e9, "personal-l1", L1, "0 to 1,000,000,000");
        Require(L2 is >= 0 and <= 1e9, "personal-l2", L2, "0 to 1,000,000,000");
        Require(Clusters is >= 1 and <= 16, "personal-clusters", Clusters, "1 to 16");
        Require(ClusterWarmUp is null or (>= 1 and <= 1_000_000), "personal-warm-up", ClusterWarmUp ?? 0, "1 to 1,000,000");
    }

    private static void Require(bool holds, string name, double value, string allowed)
    {
        if (!holds)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; it must be {allowed}."));
        }
    }
}
