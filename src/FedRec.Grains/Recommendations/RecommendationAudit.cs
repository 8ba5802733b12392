using FedRec.Contracts.Models;
using FedRec.Contracts.Recommendations;

namespace FedRec.Grains.Recommendations;

/// <summary>Records an answer before it is given.</summary>
internal sealed class RecommendationAudit(IAuditTrail trail, TimeProvider time)
{
    /// <summary>The query to ask in place of one whose answer is recorded: reasons are always on record.</summary>
    public static RecommendationQuery Explained(RecommendationQuery query) => query with { Explain = true };

    /// <summary>Adds a line for each item of the answer.</summary>
    /// <param name="model">The version that scored it.</param>
    /// <param name="query">As it was asked.</param>
    /// <param name="answer">With reasons.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The answer to the query as asked; without items when they could not be recorded.</returns>
    public async Task<RecommendationAnswer> RecordAsync(ModelManifest model, RecommendationQuery query, RecommendationAnswer answer, CancellationToken cancellationToken)
    {
        if (answer.Items.IsEmpty)
        {
            return answer;
        }

        var now = time.GetUtcNow();
        try
        {
            await trail.AppendAsync(model.Federation, [.. answer.Items.Select(item => ToLine(now, model, query, item))], cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new RecommendationAnswer(RecommendationOutcome.AuditUnavailable, answer.Version, [],
                $"The audit trail of federation {model.Federation} cannot be written, and nothing is recommended without it: {e.Message}");
        }

        return query.Explain ? answer : answer with { Items = [.. answer.Items.Select(item => item with { Reasons = [] })] };
    }

    private static AuditLine ToLine(DateTimeOffset now, ModelManifest model, RecommendationQuery query, RecommendedItem item) => new()
    {
        At = now,
        Federation = model.Federation,
        ModelVersion = model.Version,
        ModelSha256 = model.Sha256,
        User = query.Items.IsDefaultOrEmpty ? query.User : null,
        Item = item.Item,
        Rank = item.Rank,
        Score = item.Score,
        Rule = item.Condition,
        Because = item.Reasons,
    };
}
