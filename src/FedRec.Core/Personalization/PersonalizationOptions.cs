using System.Globalization;

namespace FedRec.Core.Personalization;

/// <summary>Settings of the personalisation.</summary>
public sealed record PersonalizationOptions
{
    /// <summary>The names users choose a method by, in the order of <see cref="PersonalizationMethod"/>.</summary>
    public static IReadOnlyList<string> Names { get; } = ["none", "fine-tune", "additive", "interpolate"];

    /// <summary>The method. Default: none.</summary>
    public PersonalizationMethod Method { get; init; }

    /// <summary>Local steps, 0 to 1,000. Default: 5.</summary>
    public int Steps { get; init; } = 5;

    /// <summary>Size of a step along the client's own direction, 0 to 1,000; null for what suits the learner. Default: null.</summary>
    public double? LearningRate { get; init; }

    /// <summary>λ₁ of the additive table, 0 to 10⁹: what is less worth is zero. Default: 0.01.</summary>
    public double L1 { get; init; } = 0.01;

    /// <summary>λ₂ of the additive table, 0 to 10⁹. Default: 0.01.</summary>
    public double L2 { get; init; } = 0.01;

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
        Require(LearningRate is null or (>= 0 and <= 1_000), "personal-rate", LearningRate ?? 0, "0 to 1,000");
        Require(L1 is >= 0 and <= 1e9, "personal-l1", L1, "0 to 1,000,000,000");
        Require(L2 is >= 0 and <= 1e9, "personal-l2", L2, "0 to 1,000,000,000");
    }

    private static void Require(bool holds, string name, double value, string allowed)
    {
        if (!holds)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; it must be {allowed}."));
        }
    }
}
