namespace FedRec.Core.Evaluation;

/// <summary>The quality of one scorer.</summary>
/// <param name="Users">Users with held-out items; with none, every metric is 0.</param>
/// <param name="Metrics">Means over users by name, such as <c>hr@10</c>, <c>ndcg@10</c>, <c>recall@20</c>, <c>mrr@10</c>; and
/// <c>coverage@10</c>, the share of the catalogue that is among the first 10 of anyone.</param>
/// <param name="Quantiles">Of the users' values, by name, such as <c>ndcg@10/p50</c>; to the nearest 0.005.</param>
public sealed record EvaluationSummary(long Users, IReadOnlyDictionary<string, double> Metrics, IReadOnlyDictionary<string, double> Quantiles);
