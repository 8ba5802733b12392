using FedRec.Contracts.Evaluations;

namespace FedRec.Web.Api;

/// <summary>Quality of one model under the federation's protocol.</summary>
/// <param name="Name">Learner or baseline.</param>
/// <param name="Round">Round after which it was made; 0 for a baseline.</param>
/// <param name="OnValidation">Measured on the validation split instead of the test split.</param>
/// <param name="Users">Users evaluated.</param>
/// <param name="Metrics">Means over users, such as hr@10; null where a value is not finite.</param>
/// <param name="Quantiles">Per-user distribution, such as ndcg@10/p50.</param>
/// <param name="Seconds">Wall time.</param>
public sealed record EvaluationView(
    string Name,
    int Round,
    bool OnValidation,
    int Users,
    IReadOnlyDictionary<string, double?> Metrics,
    IReadOnlyDictionary<string, double?> Quantiles,
    double Seconds)
{
    internal static EvaluationView From(EvaluationRecord e) =>
        new(e.Name, e.Round, e.OnValidation, e.Users, Finite(e.Metrics), Finite(e.Quantiles), e.Seconds);

    private static SortedDictionary<string, double?> Finite(IEnumerable<KeyValuePair<string, double>> values) =>
        new(values.ToDictionary(v => v.Key, v => ApiJson.FiniteOrNull(v.Value)), StringComparer.Ordinal);
}
