using FedRec.Core.Data;
using FedRec.Core.Evaluation.Metrics;

namespace FedRec.Core.Evaluation.Baselines;

/// <summary>Scores an item by its similarity to the user's items, each item counting its nearest neighbours only. Thread-safe.</summary>
/// <remarks>Shrunk cosine over co-occurrences, c(i, j) / (√(n(i)·n(j)) + shrinkage): Sarwar et al. 2001, and Ferrari Dacrema et al. 2019
/// for its strength as a baseline.</remarks>
internal sealed class ItemKnnScorer : IScorer
{
    private readonly int[] _offsets;
    private readonly int[] _targets;
    private readonly float[] _similarities;

    /// <summary>Finds the neighbours of every item.</summary>
    /// <param name="dataset">Its training split is used.</param>
    /// <param name="neighbours">Neighbours kept for each item, at least 1.</param>
    /// <param name="shrinkage">Pulls similarities that rest on few users toward 0; at least 0.</param>
    public ItemKnnScorer(Dataset dataset, int neighbours = 50, float shrinkage = 20)
    {
        var items = dataset.Items.Count;
        var byItem = Transposed.Of(dataset.Train, items);
        var nearest = new (int Item, float Similarity)[items][];
        Parallel.For(
            0,
            items,
            new ParallelOptions { MaxDegreeOfParallelism = BaselineRegistry.Threads },
            () => (Scores: new float[items], Top: new int[neighbours]),
            (item, _, scratch) =>
            {
                nearest[item] = FindNearest(item, dataset.Train, byItem, shrinkage, scratch.Scores, scratch.Top);
                return scratch;
            },
            _ => { });

        // A history item j adds to all i that count j among their neighbours: so the lists are turned round.
        var links = nearest.SelectMany((list, item) => list.Select(n => (From: n.Item, To: item, n.Similarity))).OrderBy(l => l.From).ToArray();
        _targets = [.. links.Select(l => l.To)];
        _similarities = [.. links.Select(l => l.Similarity)];
        _offsets = new int[items + 1];
        foreach (var link in links)
        {
            _offsets[link.From + 1]++;
        }

        for (var item = 0; item < items; item++)
        {
            _offsets[item + 1] += _offsets[item];
        }
    }

    /// <inheritdoc/>
    public void Score(int user, UserHistory history, Span<float> scores)
    {
        scores.Clear();
        foreach (var item in history.Items)
        {
            for (var link = _offsets[item]; link < _offsets[item + 1]; link++)
            {
                scores[_targets[link]] += _similarities[link];
            }
        }
    }

    private static (int Item, float Similarity)[] FindNearest(int item, UserItems byUser, UserItems byItem, float shrinkage, float[] scores, int[] top)
    {
        Array.Clear(scores);
        foreach (var user in byItem.Items(item))
        {
            foreach (var other in byUser.Items(user))
            {
                scores[other]++;
            }
        }

        var own = (float)byItem.Items(item).Length;
        for (var other = 0; other < scores.Length; other++)
        {
            scores[other] /= MathF.Sqrt(own * byItem.Items(other).Length) + shrinkage + 1e-9f; // an item that nobody has is similar to none
        }

        var count = TopK.Select(scores, [item], top.Length, top);
        return [.. top.Take(count).Where(other => scores[other] > 0).Select(other => (other, scores[other]))];
    }
}
