using System.Globalization;

namespace FedRec.Core.Data.Cleaning;

/// <summary>Leaves out users with few items and items with few users, again and again until all that are left have enough: the k-core by
/// which the data sets of the field are cut down.</summary>
/// <remarks>What is left is the largest set of rows in which every user and every item has enough, so the order in which they are left out
/// does not matter. Every pair of user and item counts once, whatever split a row names. Of organisations, each counts its own users' items; how
/// many users an item has is known of all together.</remarks>
internal static class CoreFilter
{
    /// <summary>The rows that stay, in their order; the same log when nothing is asked for or nothing goes.</summary>
    /// <param name="log">All rows; not changed.</param>
    /// <param name="options">How many items and users are enough.</param>
    /// <param name="tally">Takes what was left out.</param>
    /// <exception cref="DatasetException">Nothing is left.</exception>
    public static InteractionLog Apply(InteractionLog log, DatasetOptions options, RowTally tally)
    {
        if (options is { MinUserItems: <= 1, MinItemUsers: <= 1 } || log.Count == 0)
        {
            return log;
        }

        var (users, items) = Core(log, options.MinUserItems, options.MinItemUsers);
        var kept = new InteractionLog { TimeUnit = log.TimeUnit };
        var ratings = log.RatingsWithGaps;
        for (var row = 0; row < log.Count; row++)
        {
            if (users[log.UserColumn[row]] && items[log.ItemColumn[row]])
            {
                kept.AddRow(log, row, ratings.IsEmpty ? null : ratings[row]);
            }
        }

        tally.Filter(new FilteredRows(options.MinUserItems, options.MinItemUsers, log.Users.Count - kept.Users.Count, log.Items.Count - kept.Items.Count, log.Count - kept.Count));
        return kept.Count == log.Count ? log
            : kept.Count > 0 ? kept
            : throw new DatasetException(
                $"No interaction is left: no users with {options.MinUserItems} items or more and items with {options.MinItemUsers} users or more hold together.",
                "Ask for fewer with --min-user-items and --min-item-users.", tally.File);
    }

    private static (bool[] Users, bool[] Items) Core(InteractionLog log, int minUserItems, int minItemUsers)
    {
        var pairs = new HashSet<(int User, int Item)>(log.Count);
        for (var row = 0; row < log.Count; row++)
        {
            pairs.Add((log.UserColumn[row], log.ItemColumn[row]));
        }

        var (left, before) = (pairs.ToList(), -1);
        bool[] users = [], items = [];
        while (left.Count != before)
        {
            before = left.Count;
            var (userItems, itemUsers) = (new int[log.Users.Count], new int[log.Items.Count]);
            foreach (var (user, item) in left)
            {
                userItems[user]++;
                itemUsers[item]++;
            }

            users = Array.ConvertAll(userItems, count => count >= minUserItems && count > 0);
            items = Array.ConvertAll(itemUsers, count => count >= minItemUsers && count > 0);
            left.RemoveAll(pair => !users[pair.User] || !items[pair.Item]);
        }

        return (users, items);
    }
}

/// <summary>What was left out because it occurs too rarely.</summary>
/// <param name="MinUserItems">Items that every user left has at least; 0 and 1 ask for nothing.</param>
/// <param name="MinItemUsers">Users that every item left has at least; 0 and 1 ask for nothing.</param>
/// <param name="Users">Users left out.</param>
/// <param name="Items">Items left out.</param>
/// <param name="Rows">Their rows.</param>
public sealed record FilteredRows(int MinUserItems, int MinItemUsers, int Users, int Items, long Rows)
{
    /// <summary>In words.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"every user has {Math.Max(1, MinUserItems)} items or more and every item {Math.Max(1, MinItemUsers)} users or more: {Users:N0} users and {Items:N0} items with {Rows:N0} rows left out");
}
