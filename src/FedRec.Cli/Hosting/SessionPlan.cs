using FedRec.Cli.Configuration;

namespace FedRec.Cli.Hosting;

/// <summary>What a verb needs of the cluster.</summary>
/// <param name="Verb">Name of the verb, told to other processes that want the store.</param>
/// <param name="Settings">The resolved configuration.</param>
/// <param name="Storage"><c>azurite</c>, <c>blob</c> or <c>memory</c>.</param>
internal sealed record SessionPlan(string Verb, FedRecSettings Settings, string Storage)
{
    /// <summary>Also starts the web front end on this port; null without.</summary>
    public int? WebPort { get; init; }

    /// <summary>True for work that must not end with a passing command's silo: waits for such an owner instead of joining it.</summary>
    public bool TrainsLong { get; init; }

    /// <summary>True for a verb that only looks at models: where nothing trains they are read from a durable store, without starting the silo.</summary>
    public bool OnlyLooks { get; init; }

    /// <summary>True for a process that stays and serves: it goes on with every run that a crash left unfinished. Others go on only with a run that
    /// they are told to train.</summary>
    public bool ResumesRuns { get; init; }
}
