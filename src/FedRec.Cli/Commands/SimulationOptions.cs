using System.CommandLine;

namespace FedRec.Cli.Commands;

/// <summary>The options of <c>simulate</c> that are not part of the run itself.</summary>
internal sealed class SimulationOptions
{
    public SimulationOptions() => Seeds.Validators.Add(Parse.InRange(1, 1000));

    public Option<int> Seeds { get; } = new("--seeds") { Description = "Runs with the seeds S, S+1, …; metrics are mean ± sd.", HelpName = "N", DefaultValueFactory = _ => 1 };

    public Option<string> Federation { get; } = new("--federation") { Description = "Name of the federation.", HelpName = "NAME", DefaultValueFactory = _ => "simulation" };

    public Option<string?> Storage { get; } = CommonOptions.Storage();

    public Option<string?> Out { get; } = new("--out") { Description = "The run folder; it must be new or empty. [default: runs/FEDERATION-RUN-TIME]", HelpName = "DIR" };

    public Option<int[]> Cutoffs { get; } = Commands.Baselines.Cutoffs();

    public Option<string[]> Baselines { get; } = Commands.Baselines.Option("all");

    public Option<int> Recommendations { get; } = new("--recs") { Description = "Recommendations of each user in recs.tsv; 0 writes none.", HelpName = "K", DefaultValueFactory = _ => 10 };

    public IReadOnlyList<Option> All => [Seeds, Federation, Storage, Out, Cutoffs, Baselines, Recommendations];
}
