using System.Globalization;

namespace FedRec.Core.Data.Cleaning;

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
