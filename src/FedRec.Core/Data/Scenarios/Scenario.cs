using System.Collections.Immutable;

namespace FedRec.Core.Data.Scenarios;

/// <summary>Parties of one field: what they hold, made up or read from files.</summary>
/// <param name="Name">The name users select it by.</param>
/// <param name="Parties">What a party is called, such as <c>hospital</c>.</param>
/// <param name="Summary">Who does what, in a few words.</param>
/// <param name="Open">Opens the data under the options; without a path, made-up data.</param>
public sealed record Scenario(string Name, string Parties, string Summary, Func<DatasetOptions, Dataset> Open)
{
    /// <summary>Patients that must have a drug or procedure in training before <c>clinic</c> shows it.</summary>
    public const int MinimumCohort = 5;

    /// <summary>Whether every recommendation must leave a line for an auditor before it is shown. Default: false.</summary>
    public bool IsAudited { get; init; }

    /// <summary>All scenarios with data of their own.</summary>
    public static ImmutableArray<Scenario> All { get; } =
    [
        new("shop", "shop", "one company sees clicks, one browsing, one purchases of the same people", ShopScenario.Open),
        new("clinic", "hospital", "drugs and procedures for patients with diagnoses", ClinicScenario.Open),
        new("bank", "bank", "products for customers, under eligibility rules", BankScenario.Open) { IsAudited = true },
        new("news", "newspaper", "articles that are new once and gone soon", NewsScenario.Open),
    ];

    /// <summary>Looks a scenario up.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static Scenario Find(string name) => All.FirstOrDefault(scenario => scenario.Name == name)
        ?? throw new ArgumentException($"There is no scenario '{name}'; choose one of {string.Join(", ", All.Select(scenario => scenario.Name))}.", nameof(name));
}
