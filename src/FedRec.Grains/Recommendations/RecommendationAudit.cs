using System.Collections.Immutable;
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

/// <summary>One recommended item for an auditor: what was offered to whom, by which model, under which rule and why.</summary>
public sealed record AuditLine
{
    /// <summary>When it was offered, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The federation that answered.</summary>
    public required string Federation { get; init; }

    /// <summary>Version of the model that scored it.</summary>
    public required long ModelVersion { get; init; }

    /// <summary>Hash of that version's tensors, since a store that was emptied counts versions from 1 again.</summary>
    public required string ModelSha256 { get; init; }

    /// <summary>Original user id; null for a request that brought its items along.</summary>
    public required string? User { get; init; }

    /// <summary>Original item id.</summary>
    public required string Item { get; init; }

    /// <summary>Place in the list that was shown, from 1.</summary>
    public required int Rank { get; init; }

    /// <summary>The learner's score; comparable within one list only.</summary>
    public required float Score { get; init; }

    /// <summary>The eligibility rule that was passed, in words; null when everybody may have the item.</summary>
    public required string? Rule { get; init; }

    /// <summary>The user's own items that add most to the score, whether the answer showed them or not.</summary>
    public required ImmutableArray<RecommendationReason> Because { get; init; }
}

/// <summary>Where recommendations are recorded that must not be shown unrecorded; the host of a silo registers one.</summary>
/// <remarks>It belongs to whoever runs the silo, as the lines name people and their own items.</remarks>
public interface IAuditTrail
{
    /// <summary>Adds the lines of one answer, all or none of them. Not repeatable: a second call adds them again.</summary>
    /// <param name="federation">Whose trail it is.</param>
    /// <param name="lines">In order of rank, at least one.</param>
    /// <param name="cancellationToken">Gives up waiting for others who write; then none of the lines is there.</param>
    /// <exception cref="IOException">They cannot be kept; the answer is not shown then.</exception>
    /// <exception cref="UnauthorizedAccessException">The place may not be written to.</exception>
    Task AppendAsync(string federation, IReadOnlyList<AuditLine> lines, CancellationToken cancellationToken = default);
}

/// <summary>Stands in where the host registered no trail: audited data is not recommended from.</summary>
internal sealed class NoAuditTrail : IAuditTrail
{
    public Task AppendAsync(string federation, IReadOnlyList<AuditLine> lines, CancellationToken cancellationToken = default) =>
        throw new IOException($"The host of this silo has registered no {nameof(IAuditTrail)}.");
}
