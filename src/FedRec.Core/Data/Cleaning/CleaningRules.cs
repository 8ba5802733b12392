namespace FedRec.Core.Data.Cleaning;

/// <summary>What each party removes from its own rows before they are split.</summary>
[Flags]
public enum CleaningRules
{
    /// <summary>Nothing is removed.</summary>
    None = 0,

    /// <summary>The same user, item, rating and split again, within 60 seconds of the event that is kept.</summary>
    Duplicates = 1,

    /// <summary>All rows of users who are far more active than others of their party, or faster than a person.</summary>
    Bots = 2,

    /// <summary>Rows whose rating is far from the other ratings of their party, or whose time cannot be right.</summary>
    Outliers = 4,
}
