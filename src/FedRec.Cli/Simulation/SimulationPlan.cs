using FedRec.Contracts.Runs;

namespace FedRec.Cli.Simulation;

/// <summary>What a simulation does.</summary>
/// <param name="Requests">One per seed, at least one.</param>
/// <param name="Cutoffs">Values of K.</param>
/// <param name="Baselines">Baselines in the same table.</param>
/// <param name="Recommendations">Items of each user in recs.tsv; 0 writes none.</param>
internal sealed record SimulationPlan(IReadOnlyList<RunRequest> Requests, int[] Cutoffs, string[] Baselines, int Recommendations);
