namespace FedRec.Core.Data;

/// <summary>What a user did after the data was loaded.</summary>
/// <param name="User">Which of the client's users, from 0.</param>
/// <param name="Item">Dense item number.</param>
/// <param name="Rating">The rating, where the data has ratings.</param>
/// <param name="Removed">Whether the item was taken out of the user's history instead of put into it.</param>
public readonly record struct ItemChange(int User, int Item, float Rating, bool Removed);
