using FedRec.Core.Data;
using FedRec.Core.Randomness;

namespace FedRec.Core.Personalization;

/// <summary>A client's own validation: a seeded fifth of its training items, hidden from its local training.</summary>
internal sealed class HiddenItems
{
    private const int Fewest = 5; // with fewer items there is no fifth to hide
    private readonly int[][] _hidden; // of each user

    private HiddenItems(ClientData rest, int[][] hidden) => (Rest, _hidden) = (rest, hidden);

    /// <summary>The client's data without them.</summary>
    public ClientData Rest { get; }

    /// <summary>Hides a fifth of all items of the client.</summary>
    /// <returns>Null when the client has fewer than five.</returns>
    public static HiddenItems? Draw(ClientData own, ref SeededRandom random)
    {
        var all = new List<(int User, int Item)>();
        for (var user = 0; user < own.UserCount; user++)
        {
            foreach (var item in own.Items(user))
            {
                all.Add((user, item));
            }
        }

        if (all.Count < Fewest)
        {
            return null;
        }

        var order = all.ToArray();
        random.Shuffle(order.AsSpan());
        var taken = order[..(all.Count / Fewest)];
        var hidden = taken.ToLookup(pair => pair.User, pair => pair.Item);
        return new HiddenItems(
            own.After(taken.Select(pair => new ItemChange(pair.User, pair.Item, 0, ItemChangeKind.Removed))),
            [.. Enumerable.Range(0, own.UserCount).Select(user => hidden[user].ToArray())]);
    }

    /// <summary>How well a model finds them: the mean over hidden items of 1 / rank among the items that the user is not known to have.</summary>
    /// <param name="score">Scores all items for one of the client's users as it is without the hidden items.</param>
    /// <remarks>Other hidden items are passed over, and ties share their mean rank, as in the evaluation.</remarks>
    public double ReciprocalRank(Action<int, float[]> score)
    {
        var (scores, sum, count) = (new float[Rest.ItemCount], 0.0, 0);
        for (var user = 0; user < _hidden.Length; user++)
        {
            if (_hidden[user].Length == 0)
            {
                continue;
            }

            score(user, scores);
            var own = _hidden[user].ToDictionary(item => item, item => scores[item]);
            Leave(scores, Rest.Items(user));
            Leave(scores, _hidden[user]);
            sum += own.Values.Sum(value => 1 / Rank(scores, value));
            count += own.Count;
        }

        return sum / count;
    }

    private static void Leave(float[] scores, ReadOnlySpan<int> items)
    {
        foreach (var item in items)
        {
            scores[item] = float.NaN; // neither above nor tied
        }
    }

    private static double Rank(ReadOnlySpan<float> scores, float own)
    {
        var (above, tied) = (0, 0);
        foreach (var score in scores)
        {
            above += score > own ? 1 : 0;
            tied += score == own ? 1 : 0;
        }

        return 1 + above + (tied / 2.0);
    }
}
