using FedRec.Cli.Output;

namespace FedRec.Cli.Simulation;

/// <summary>Everything a simulation was told, with defaults filled in and secrets left out.</summary>
internal static class ResolvedConfiguration
{
    public static string ToJson(CommandContext context, SimulationPlan plan) => Json.Indented(new
    {
        plan.Requests,
        plan.Cutoffs,
        plan.Baselines,
        plan.Recommendations,
        Settings = context.Settings.Keys.ToDictionary(key => key.Key, key => new
        {
            Value = key.Show(),
            Origin = context.Settings.Given.TryGetValue(key.Key, out var setting) ? setting.Origin : "default",
        }),
    });
}
