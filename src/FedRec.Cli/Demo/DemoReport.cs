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

    /// <summary>The field: <c>movies</c>, <c>shop</c>, <c>clinic</c>, <c>bank</c> or <c>news</c>.</summary>
    public required string Scenario { get; init; }

    /// <summary>What must be said with every result; null for nothing.</summary>
    public string? Banner { get; init; }

    /// <summary>The federated model against each party alone, all of them, and popularity; empty where each user is a client.</summary>
    public required IReadOnlyList<DemoComparison> Comparisons { get; init; }

    /// <summary>The file with a line for each recommendation that the federation ever gave; null where none is kept.</summary>
    public string? AuditFile { get; init; }

    public required IReadOnlyList<DemoRecommendation> Recommendations { get; init; }

    public required ModelReport Model { get; init; }

    public required int Rounds { get; init; }

    public required double TrainSeconds { get; init; }

    public required SortedDictionary<string, string> Urls { get; init; }
}

/// <summary>A user's best recommendation, with the reason in words.</summary>
internal sealed record DemoRecommendation(string User, string Item, string Title, string Why);
