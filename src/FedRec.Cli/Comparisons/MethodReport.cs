using System.Text.Json.Serialization;
using FedRec.Cli.Simulation;
using FedRec.Cli.Sweeps;

namespace FedRec.Cli.Comparisons;

/// <summary>The answer of <c>compare</c>.</summary>
/// <param name="Methods">In the order in which they are shown; pooled training first.</param>
/// <param name="Parties">Number of parties.</param>
/// <param name="Alpha">Concentration of the uneven deal.</param>
/// <param name="Seeds">Runs of each method and deal.</param>
/// <param name="Folder">Where the trials are.</param>
internal sealed record MethodReport(IReadOnlyList<MethodResult> Methods, int Parties, double Alpha, int Seeds, string Folder)
{
    /// <summary>Pooled training; null when it failed.</summary>
    [JsonIgnore]
    public DealResult? Pooled => Methods.FirstOrDefault(method => method.Name == ComparedMethod.Pooled)?.Skewed;

    /// <summary>The method with parties whose mean on the uneven deal is the highest; null when all failed. Whether that is more than chance, the differences tell.</summary>
    [JsonIgnore]
    public MethodResult? Highest => Methods.Where(method => method.Name != ComparedMethod.Pooled && method.Skewed is not null).MaxBy(method => method.Skewed!.Ndcg.Mean);

    /// <summary>The method after the highest; null when there is none.</summary>
    [JsonIgnore]
    public MethodResult? Next => Methods.Where(method => method.Name != ComparedMethod.Pooled && method.Skewed is not null && method != Highest).MaxBy(method => method.Skewed!.Ndcg.Mean);

    /// <summary>NDCG@10 of the highest against pooled training, on the uneven deal; null where chance cannot be told.</summary>
    public SeedDifference? HighestAgainstPooled => Between(Highest?.Skewed, Pooled);

    /// <summary>NDCG@10 of the highest against the next, on the uneven deal; null where chance cannot be told.</summary>
    public SeedDifference? HighestAgainstNext => Between(Highest?.Skewed, Next?.Skewed);

    private static SeedDifference? Between(DealResult? first, DealResult? second) => first is null || second is null ? null : SeedDifference.Of(first.NdcgBySeed, second.NdcgBySeed);
}

/// <summary>One method on both deals.</summary>
/// <param name="Name">The method.</param>
/// <param name="Alike">On parties that hold users at random; null when training failed.</param>
/// <param name="Skewed">On parties that differ in taste and volume; null when training failed.</param>
/// <param name="Failure">Why training failed; null when it did not.</param>
internal sealed record MethodResult(string Name, DealResult? Alike, DealResult? Skewed, string? Failure)
{
    /// <summary>Share of NDCG@10 that is lost where parties differ; below 0 for a gain; null when one of the two failed.</summary>
    public double? Loss => Alike is null || Skewed is null || Alike.Ndcg.Mean == 0 ? null : 1 - (Skewed.Ndcg.Mean / Alike.Ndcg.Mean);

    public static MethodResult Of(string name, TrialResult alike, TrialResult skewed) =>
        new(name, DealResult.Of(alike), DealResult.Of(skewed), alike.Failure ?? skewed.Failure ?? (DealResult.Of(skewed) is null ? "nobody to evaluate: no user has a held-out interaction" : null));
}

/// <summary>Quality on test interactions, over the seeds.</summary>
/// <param name="Ndcg">NDCG@10.</param>
/// <param name="HitRate">HR@10.</param>
/// <param name="WorstDecile">NDCG@10 of the tenth of the users, by activity, that fares worst.</param>
internal sealed record DealResult(Spread Ndcg, Spread HitRate, Spread? WorstDecile)
{
    /// <summary>NDCG@10 of each seed.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<ulong, double> NdcgBySeed { get; init; } = new Dictionary<ulong, double>();

    public static DealResult? Of(TrialResult trial) => trial.Failure is not null || !trial.Test.TryGetValue("ndcg@10", out var ndcg) ? null
        : new DealResult(ndcg, trial.Test["hr@10"], trial.TestQuantiles.TryGetValue("ndcg@10/worst-decile", out var worst) ? worst : null)
        {
            NdcgBySeed = trial.Runs.ToDictionary(run => run.Seed, run => run.Test["ndcg@10"]),
        };
}
