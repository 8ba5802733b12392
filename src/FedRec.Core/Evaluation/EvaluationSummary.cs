namespace FedRec.Core.Evaluation;

/// <summary>The quality of one scorer.</summary>
/// <param name="Users">Users with held-out items; with none, nothing is measured and the rest is empty.</param>
/// <param name="Metrics">Means over users by name, such as <c>hr@10</c>, <c>ndcg@10</c>, <c>recall@20</c>, <c>mrr@10</c>, <c>map@10</c>, <c>auc</c>;
/// of their lists: <c>novelty@10</c> in bits, <c>diversity@10</c>, <c>popbias@10</c>; <c>coverage@10</c>, the share of the catalogue that is
/// among the first 10 of anyone; and of predicted ratings <c>rmse</c> and <c>mae</c>. What cannot be measured is left out.</param>
/// <param name="Quantiles">Of the users' values, by name, such as <c>ndcg@10/p50</c>, to the nearest 0.005; and <c>ndcg@10/worst-decile</c>,
/// the mean over the tenth of the users, by activity, that fares worst; the same for <c>worst-tenure</c>, <c>worst-cold-start</c> and <c>worst-popularity</c>
/// where there are several such groups; and the means of <c>new-users</c> and <c>new-items</c>, which are evaluated apart.</param>
/// <param name="Groups">Users by activity, tenure and cold start, held-out items by popularity, and what is evaluated apart; of each the lowest first.</param>
public sealed record EvaluationSummary(
    long Users, IReadOnlyDictionary<string, double> Metrics, IReadOnlyDictionary<string, double> Quantiles, IReadOnlyList<QualityGroup> Groups);
