using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Recommendations;
using FedRec.Core.Catalogues;
using FedRec.Core.Data;
using FedRec.Core.Data.Features;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Core.Learners;
using FedRec.Grains.Training;

namespace FedRec.Grains.Clients;

/// <summary>Ranks and explains for one user, of a client or of a request. The answer is the user's own; it is not logged, and stored only in the audit trail of audited data.</summary>
internal static class ClientScoring
{
    private const int MaxReasons = 3;

    public static RecommendationAnswer Recommend(RunContext run, PreparedModel model, ClientData data, WantedItems wanted, RecommendOrder order) =>
        run.Score(model, worker => new RecommendationAnswer(
            RecommendationOutcome.Found, order.Model.Version, Rank(run, worker, model, data.History(0), wanted, order.Explain)));

    /// <summary>The best items for any history, of those that are wanted.</summary>
    public static ImmutableArray<RecommendedItem> Rank(RunContext run, ILearnerWorker worker, PreparedModel model, UserHistory history, WantedItems wanted, bool explain)
    {
        var memory = ArrayPool<float>.Shared.Rent(run.Catalogue.Items.Count); // a number for each item of the catalogue, thousands of times in a second
        var scores = memory.AsSpan(0, run.Catalogue.Items.Count);
        worker.Score(model, history, scores);
        var (items, top) = Best(run.Shown, history, scores, wanted);
        ArrayPool<float>.Shared.Return(memory); // after a failure it is left to the collector
        if (explain)
        {
            for (var i = 0; i < items.Length; i++)
            {
                items[i] = items[i] with { Reasons = Reasons(run, worker, model, history, top[i]) };
            }
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(items);
    }

    /// <summary>The items with the highest scores that a user may have and has not met, of those that are wanted, and their numbers.</summary>
    public static (RecommendedItem[] Items, int[] Numbers) Best(FederationCatalogue catalogue, UserHistory history, Span<float> scores, WantedItems wanted)
    {
        catalogue.Candidates.Apply(history, at: null, scores);
        wanted.Apply(scores);
        var top = new int[Math.Min(wanted.Offset + wanted.Count, scores.Length)];
        var found = TopK.Select(scores, history.Items, top.Length, top);
        top = top[Math.Min(wanted.Offset, found)..found];
        var items = new RecommendedItem[top.Length];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = ToItem(catalogue, wanted.Offset + i + 1, top[i], scores[top[i]]);
        }

        return (items, top);
    }

    private static RecommendedItem ToItem(FederationCatalogue catalogue, int rank, int item, float score) =>
        new(rank, catalogue.Items[item], catalogue.Titles[item], score, [.. catalogue.Tags[item]], [], catalogue.Candidates.ConditionOf(item));

    // The user's items that add most to the score; what pulls it down is no reason.
    private static ImmutableArray<RecommendationReason> Reasons(RunContext run, ILearnerWorker worker, PreparedModel model, UserHistory history, int item)
    {
        if (worker is IFeatureExplainer explainer && run.Shape.UserFeatures is { } schema && !history.Features.IsEmpty)
        {
            return Reasons(schema.Columns, explainer, model, history.Features, item);
        }

        var parts = new float[history.Items.Length];
        worker.Explain(model, history, item, parts);
        var all = InFavour(parts);
        var own = history.Items.ToArray();
        Array.Sort(parts, own);
        var reasons = ImmutableArray.CreateBuilder<RecommendationReason>(MaxReasons);
        for (var i = own.Length - 1; i >= 0 && reasons.Count < MaxReasons && parts[i] > 0; i--)
        {
            var shared = run.Shown.Tags[own[i]].Intersect(run.Shown.Tags[item]);
            reasons.Add(new RecommendationReason(run.Shown.Titles[own[i]], parts[i], [.. shared]) { Share = parts[i] / all });
        }

        return reasons.ToImmutable();
    }

    // The user's features that add most to the score.
    private static ImmutableArray<RecommendationReason> Reasons(
        IReadOnlyList<FeatureColumn> columns, IFeatureExplainer explainer, PreparedModel model, ReadOnlySpan<float> features, int item)
    {
        var (parts, own) = (new float[columns.Count], features.ToArray());
        explainer.Attribute(model, own, item, parts);
        var all = InFavour(parts);
        return [.. parts.Select((part, column) => (Part: part, Column: column)).Where(one => one.Part > 0).OrderByDescending(one => one.Part).Take(MaxReasons)
            .Select(one => new RecommendationReason(columns[one.Column].Describe(own[one.Column]), one.Part, []) { Share = one.Part / all })];
    }

    // Not the score: what speaks against the item makes that smaller than the parts that speak for it.
    private static float InFavour(ReadOnlySpan<float> parts)
    {
        var sum = 0f;
        foreach (var part in parts)
        {
            sum += Math.Max(part, 0);
        }

        return sum;
    }
}
