namespace FedRec.Contracts.Runs;

/// <summary>What must be said with every result of a field.</summary>
public static class ScenarioNotice
{
    /// <summary>The sentence of a scenario.</summary>
    /// <param name="scenario">As <see cref="DataSpec.Scenario"/> names it; null for plain interactions.</param>
    /// <returns>Null where nothing must be said.</returns>
    public static string? Of(string? scenario) => scenario == "clinic" ? "Not medical advice: a demonstration of federated learning." : null;
}
