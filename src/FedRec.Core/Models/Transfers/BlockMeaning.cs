namespace FedRec.Core.Models.Transfers;

/// <summary>What the rows and columns of a parameter block stand for, so that its values can be carried to another catalogue.</summary>
public sealed record BlockMeaning
{
    /// <summary>A block that means the same everywhere, such as a layer: its shape must agree, and all of it is carried.</summary>
    public static BlockMeaning Same { get; } = new();

    /// <summary>A block with a row for each item.</summary>
    public static BlockMeaning Items { get; } = new() { PerItem = true };

    /// <summary>A block with a value for each pair of items, the upper triangle of a symmetric matrix row after row.</summary>
    public static BlockMeaning ItemPairs { get; } = new() { PerPair = true };

    /// <summary>A block that begins anew in another federation, such as a flag that says that statistics of its data are known.</summary>
    public static BlockMeaning Anew { get; } = new() { StartsAnew = true };

    /// <summary>Whether row i is of item i. Default: false.</summary>
    public bool PerItem { get; private init; }

    /// <summary>Whether there is a value for each pair of items, each item with itself among them. Default: false.</summary>
    public bool PerPair { get; private init; }

    /// <summary>Whether nothing of it is carried. Default: false.</summary>
    public bool StartsAnew { get; private init; }

    /// <summary>A name for each column that depends on the data, such as that of a feature; null for columns that mean the same everywhere. Default: null.</summary>
    public IReadOnlyList<string?>? Columns { get; private init; }

    /// <summary>A block whose columns are found by name; those without a name, all in one stretch, mean the same everywhere.</summary>
    public static BlockMeaning ByColumn(IReadOnlyList<string?> columns) => new() { Columns = columns };
}
