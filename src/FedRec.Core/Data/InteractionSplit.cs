namespace FedRec.Core.Data;

/// <summary>What an interaction is used for.</summary>
internal enum InteractionSplit : byte
{
    Train,
    Validation,
    Test,

    /// <summary>Not used: a later row tells of the same user and item.</summary>
    Merged,

    /// <summary>Not used: its kind counts nothing.</summary>
    LeftOut,

    /// <summary>Test that is no part of a mean: of a user without training rows, or of an item without any.</summary>
    ColdTest,

    /// <summary>Not used but known before the test: it lies where validation is taken from.</summary>
    BeforeTest,

    /// <summary>Not used: it comes after the cut, and after what is held out of its user.</summary>
    Later,

    /// <summary>Not used: it comes after a cut, but its user had met the item before.</summary>
    MetBefore,
}
