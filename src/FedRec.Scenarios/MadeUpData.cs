using System.Collections.Immutable;
using FedRec.Core.Data;
using FedRec.Core.Federation;

namespace FedRec.Scenarios;

/// <summary>FedRec's scenarios: what a demonstration, a trial or a test trains on when there is no data yet.</summary>
public static class MadeUpData
{
    /// <summary>All of them; the first is the one that is meant where neither data nor a scenario is named.</summary>
    public static ImmutableArray<Scenario> All { get; } =
    [
        new(Scenario.Usual, "person", "people take stories that they like, each a party of their own", OpenUsual),
        new("shop", "shop", "one company sees clicks, one browsing, one purchases of the same people", ShopScenario.Open),
        new("clinic", "hospital", "drugs and procedures for patients with diagnoses", ClinicScenario.Open),
        new("bank", "bank", "products for customers, under eligibility rules", BankScenario.Open) { IsAudited = true },
        new("news", "newspaper", "articles that are new once and gone soon", NewsScenario.Open),
    ];

    /// <summary>Adds all of them to what requests can name.</summary>
    /// <param name="parts">Of a silo, or of whoever checks requests for one.</param>
    /// <returns>The parts.</returns>
    /// <exception cref="ArgumentException">There is a scenario of the same name.</exception>
    public static FederationParts AddScenarios(this FederationParts parts) => All.Aggregate(parts, (all, scenario) => all.AddScenario(scenario));

    /// <summary>Opens data of a path or of one of these scenarios.</summary>
    /// <exception cref="DatasetException">The data is missing, not of a known format, or too much of it is bad.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or there is no such scenario.</exception>
    public static Dataset Open(DatasetOptions options) => DatasetSource.Open(options, All);

    private static Dataset OpenUsual(DatasetOptions options) => options.Path is null
        ? SyntheticCatalogue.Create(SyntheticOptions.From(options)).ToDataset(options)
        : DatasetSource.Open(options with { Scenario = null });
}
