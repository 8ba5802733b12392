namespace FedRec.Core.Data;

/// <summary>What a user did after the data was loaded.</summary>
/// <param name="User">Which of the client's users, from 0.</param>
/// <param name="Item">Dense item number; ignored when everything is forgotten.</param>
/// <param name="Rating">The rating, where the data has ratings.</param>
/// <param name="Kind">What has changed.</param>
public readonly record struct ItemChange(int User, int Item, float Rating, ItemChangeKind Kind);

/// <summary>What has changed in a history.</summary>
public enum ItemChangeKind
{
    /// <summary>An item came, or was rated anew.</summary>
    Added,

    /// <summary>An item went.</summary>
    Removed,

    /// <summary>All items went.</summary>
    Forgotten,
}
