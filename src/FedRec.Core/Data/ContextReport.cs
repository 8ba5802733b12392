using System.Globalization;

namespace FedRec.Core.Data;

/// <summary>What was joined from another domain.</summary>
/// <param name="Items">Items of the other domain that users have met.</param>
/// <param name="Interactions">Different pairs of user and such an item.</param>
/// <param name="SharedUsers">Users of the other domain whom the data knows too; at least 1.</param>
/// <param name="NewUsers">Users whom the other domain alone knows, who are users of the data from then on.</param>
/// <param name="Rows">What became of the rows of its file.</param>
public sealed record ContextReport(int Items, int Interactions, int SharedUsers, int NewUsers, LoadReport Rows)
{
    /// <summary>In words, for the reader of a result.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Interactions} interactions with {Items} items of another domain{(Rows.Removed is { } removed ? $" ({removed})" : "")} are known of users, and neither recommended nor held out");

    /// <summary>Counts what a log is about to be joined with.</summary>
    internal static ContextReport Of(InteractionLog log, InteractionLog context, RowTally tally)
    {
        var shared = Enumerable.Range(0, context.Users.Count).Count(user => log.Users.TryGet(context.Users[user], out _));
        var pairs = new HashSet<(int, int)>();
        for (var row = 0; row < context.Count; row++)
        {
            pairs.Add((context.UserColumn[row], context.ItemColumn[row]));
        }

        return new ContextReport(context.Items.Count, pairs.Count, shared, context.Users.Count - shared, tally.Report(context.Count - pairs.Count));
    }
}
