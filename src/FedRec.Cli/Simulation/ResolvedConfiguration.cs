using FedRec.Cli.Configuration;
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
        Settings = SettingKey.All.ToDictionary(key => key.Key, key => new
        {
            Value = key.Show(context.Settings),
            Origin = context.Settings.Given.TryGetValue(key.Key, out var setting) ? setting.Origin : "default",
        }),
    });
}
