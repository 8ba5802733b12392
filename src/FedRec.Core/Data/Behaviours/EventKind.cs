namespace FedRec.Core.Data.Behaviours;

/// <summary>What a user did with an item, from the weakest sign of interest to the strongest.</summary>
/// <remarks>The order decides which event of an item is kept and which interaction is held out, so its numbers are fixed.</remarks>
public enum EventKind : byte
{
    /// <summary>Saw its page.</summary>
    View = 0,

    /// <summary>Clicked on it where it was shown among others.</summary>
    Click = 1,

    /// <summary>Put it aside: into a cart, or among favourites.</summary>
    Cart = 2,

    /// <summary>Rated it, well or badly.</summary>
    Rating = 3,

    /// <summary>Bought it.</summary>
    Purchase = 4,
}
