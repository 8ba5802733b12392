namespace FedRec.Core.Data;

/// <summary>Data of a field: its parties, rules and words, made up or read from files that are no plain interactions.</summary>
/// <remarks>FedRec's own are in a project of their own, <c>FedRec.Scenarios</c>: a host adds those it wants to its parts, as it adds learners.</remarks>
/// <param name="Name">The name users select it by.</param>
/// <param name="Parties">What a party is called, such as <c>hospital</c>.</param>
/// <param name="Summary">Who does what, in a few words.</param>
/// <param name="Open">Opens the data under the options; without a path, made-up data.</param>
public sealed record Scenario(string Name, string Parties, string Summary, Func<DatasetOptions, Dataset> Open)
{
    /// <summary>The scenario that is meant where neither data nor a scenario is named.</summary>
    public const string Usual = "movies";

    /// <summary>Whether every recommendation must leave a line for an auditor before it is shown. Default: false.</summary>
    public bool IsAudited { get; init; }

    /// <summary>Looks a scenario up.</summary>
    /// <param name="name">The name; null for <see cref="Usual"/>.</param>
    /// <param name="scenarios">Those that are known here.</param>
    /// <exception cref="ArgumentException">There is none of that name; the message says which there are and how one is added.</exception>
    public static Scenario Find(string? name, IReadOnlyCollection<Scenario> scenarios) =>
        scenarios.FirstOrDefault(scenario => scenario.Name == (name ?? Usual)) ?? throw new ArgumentException(
            (name is null ? "No data is given, and none is made up here" : $"There is no scenario '{name}'") +
            (scenarios.Count == 0 ? "; no scenario was added where the host was built, as AddScenarios of FedRec.Scenarios does." : $"; choose one of {string.Join(", ", scenarios.Select(scenario => scenario.Name))}."),
            nameof(name));
}
