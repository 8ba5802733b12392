using System.CommandLine;

namespace FedRec.Cli.Commands;

/// <summary>The options of <c>simulate</c> that are not part of the run itself.</summary>
internal sealed class SimulationOptions
{
    public Option<int> Seeds { get; } = TypedOptions.Number("--seeds", "Runs with the seeds S, S+1, …; metrics are mean ± sd.", 1, 1, 1_000);

    public Option<string> Federation { get; } = new("--federation") { Description = "Name of the federation.", HelpName = "NAME", DefaultValueFactory = _ => "simulation" };

    public Option<string?> Storage { get; } = CommonOptions.Storage();

    public Option<string?> Out { get; } = TypedOptions.Text("--out", "The run folder; it must be new or empty. Default: runs/FEDERATION-RUN-TIME. Of a sweep: runs/sweep-FILE, where it goes on.", "DIR");

    public Option<int[]> Cutoffs { get; } = OfRuns(Commands.Baselines.Cutoffs());

    public Option<string[]> Baselines { get; } = OfRuns(Commands.Baselines.Option("all"));

    public Option<int> Recommendations { get; } = OfRuns(TypedOptions.Number("--recs", "Recommendations of each user in recs.tsv; 0 writes none.", 10, 0, 1_000));

    public Option<string?> Sweep { get; } = TypedOptions.Text("--sweep", "Trains every point of a sweep file and ranks them on validation interactions; finished trials are not repeated.", "FILE");

    /// <summary>The baselines of a run: those that are asked for; for a labelled table by default popularity alone, as the others see no features.</summary>
    public string[] BaselinesOf(CommandContext context, RunOptions run) =>
        context.Line.GetResult(Baselines) is { Implicit: true } && context.Value(run.Schema) is not null ? ["popularity"] : context.Value(Baselines);

    /// <summary>What the trials of a sweep do not have: they are compared on validation interactions.</summary>
    public IReadOnlyList<Option> NotOfSweeps => [Cutoffs, Baselines, Recommendations];

    public OptionGroup Group => new("Output", [Out, Federation, Storage, Seeds, Cutoffs, Baselines, Recommendations, Sweep]);

    private static Option<T> OfRuns<T>(Option<T> option)
    {
        option.Description += " Not with --sweep.";
        return option;
    }
}
