using System.Collections.Immutable;

namespace FedRec.Cli.Sweeps;

/// <summary>What a sweep file asks for.</summary>
/// <param name="Points">The points, in the order in which they are tried; at least one.</param>
/// <param name="Seeds">Runs of each point; null leaves it to the command line.</param>
/// <param name="Metric">The validation metric that ranks the points; higher is better.</param>
internal sealed record SweepPlan(ImmutableArray<SweepPoint> Points, int? Seeds, string Metric);

/// <summary>One setting of the options that are searched over: names as on the command line, without dashes.</summary>
internal sealed record SweepPoint(ImmutableSortedDictionary<string, string> Options)
{
    /// <summary>Options of the command line that this point does without. Default: none.</summary>
    public ImmutableSortedSet<string> Without { get; init; } = ImmutableSortedSet<string>.Empty;

    /// <summary>The point for people: <c>dims=64 server-lr=0.02</c>.</summary>
    public string Label => string.Join(' ', Options.Select(option => $"{option.Key}={option.Value}"));
}
