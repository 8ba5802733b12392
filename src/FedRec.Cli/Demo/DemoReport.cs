using FedRec.Cli.Simulation;
using FedRec.Contracts.Evaluations;

namespace FedRec.Cli.Demo;

/// <summary>The answer of <c>demo</c>.</summary>
internal sealed record DemoReport
{
    public required DataReport Data { get; init; }

    public required string Protocol { get; init; }

    /// <summary>The learner first, then the baselines.</summary>
    public required IReadOnlyList<EvaluationRecord> Evaluations { get; init; }

    public required IReadOnlyList<DemoRecommendation> Recommendations { get; init; }

    public required ModelReport Model { get; init; }

    public required int Rounds { get; init; }

    public required double TrainSeconds { get; init; }

    public required SortedDictionary<string, string> Urls { get; init; }
}

/// <summary>A user's best recommendation, with the reason in words.</summary>
internal sealed record DemoRecommendation(string User, string Item, string Title, string Why);
