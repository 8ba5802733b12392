using FedRec.Core.Data.Readers;

namespace FedRec.Core.Data.Alignment;

/// <summary>How the items of parties are aligned.</summary>
/// <param name="Folder">A folder with a folder of interactions for each party; each may have its list of items beside them.</param>
/// <param name="SaltFile">Holds the salt that all parties share: at least 32 bytes.</param>
/// <param name="Output">Where the parties are written under the shared ids; must be new or empty.</param>
public sealed record AlignmentOptions(string Folder, string SaltFile, string Output)
{
    /// <summary>Compares ids, or else titles with their years. Default: titles.</summary>
    public bool ById { get; init; }

    /// <summary>Leaves out the items that one party alone has, or else keeps them as its own. Default: kept.</summary>
    public bool DropUnmatched { get; init; }

    /// <summary>What the parties' files do not tell of themselves. Default: nothing, all of it is found out.</summary>
    public ReadingOptions Reading { get; init; } = new();

    /// <summary>Share of bad rows above which a party's file is refused, in [0, 1]. Default: 0.01.</summary>
    public double MaxBadRowShare { get; init; } = 0.01;
}
