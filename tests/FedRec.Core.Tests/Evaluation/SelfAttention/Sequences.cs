using FedRec.Core.Data;
using FedRec.Core.Evaluation.Baselines.SelfAttention;

namespace FedRec.Core.Tests.Evaluation.SelfAttention;

/// <summary>Made-up sequences.</summary>
internal static class Sequences
{
    /// <summary>Users whose items came in the order given.</summary>
    public static ItemSequences Of(params int[][] users) => new(Rows(users));

    /// <summary>The same as rows with times.</summary>
    public static UserItems Rows(params int[][] users) => Timed([.. users.Select(items => items.Select((item, i) => (item, (long)i)).ToArray())]);

    /// <summary>Users' items with the time of each.</summary>
    public static UserItems Timed(params (int Item, long Time)[][] users)
    {
        var sorted = users.Select(items => items.OrderBy(one => one.Item).ToArray()).ToArray();
        int[] offsets = [0, .. sorted.Select((_, user) => sorted[..(user + 1)].Sum(items => items.Length))];
        return new UserItems(offsets, [.. sorted.SelectMany(items => items.Select(one => one.Item))], timestamps: [.. sorted.SelectMany(items => items.Select(one => one.Time))]);
    }

    /// <summary>Data with such training and test rows.</summary>
    public static Dataset Dataset(UserItems train, UserItems? validation = null, UserItems? test = null, int items = 0)
    {
        var (users, names, none) = (new IdMap(), new IdMap(), new UserItems(new int[train.UserCount + 1], []));
        for (var user = 0; user < train.UserCount; user++)
        {
            users.GetOrAdd($"u{user}");
        }

        for (var item = 0; item < items; item++)
        {
            names.GetOrAdd($"i{item}");
        }

        return new Dataset("made up", users, names, ItemCatalogue.FromIds(names), train, validation ?? none, test ?? none, "", new LoadReport(train.Count, 0, 0, []));
    }

    /// <summary>Users who walk round a circle of items, each from a place of its own; and the item that comes next.</summary>
    public static (UserItems Train, UserItems Next) Circle(int users, int items, int length)
    {
        int[][] walks = [.. Enumerable.Range(0, users).Select(user => Enumerable.Range(user * 7, length + 1).Select(step => step % items).ToArray())];
        return (Rows([.. walks.Select(walk => walk[..^1])]), Rows([.. walks.Select(walk => walk[^1..])]));
    }
}
