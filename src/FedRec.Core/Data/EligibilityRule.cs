namespace FedRec.Core.Data;

/// <summary>Who may be offered an item: a rule of the trade, applied before ranking.</summary>
/// <param name="Item">The item it is about.</param>
/// <param name="RequiresAny">Items, context items among them, of which the user must have one; empty for no such condition.</param>
/// <param name="Excludes">Items of which the user must have none.</param>
/// <param name="Words">The rule in words, for an audit: <c>only for holders of a car policy</c>.</param>
public sealed record EligibilityRule(int Item, IReadOnlyList<int> RequiresAny, IReadOnlyList<int> Excludes, string Words)
{
    /// <summary>Whether a user with these items may be offered the item.</summary>
    /// <param name="history">Ascending.</param>
    public bool Allows(ReadOnlySpan<int> history) => (RequiresAny.Count == 0 || HasAny(RequiresAny, history)) && !HasAny(Excludes, history);

    private static bool HasAny(IReadOnlyList<int> items, ReadOnlySpan<int> history)
    {
        foreach (var item in items)
        {
            if (history.BinarySearch(item) >= 0)
            {
                return true;
            }
        }

        return false;
    }
}
