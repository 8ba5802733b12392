namespace FedRec.Core.Data.Readers;

/// <summary>A file of interactions that has been opened: its rows, some of them to look at beforehand, and what was found out about it.</summary>
/// <param name="Rows">From the first row on; closed by the caller.</param>
/// <param name="Sample">The first rows; none are taken from <paramref name="Rows"/>.</param>
/// <param name="HasHeader">Whether columns have names.</param>
/// <param name="MustBeFull">Whether a row has all columns or is bad; otherwise fields may lack at the end of a row.</param>
/// <param name="Separator">What stands between fields, in words; empty where nothing does.</param>
internal sealed record InteractionTable(ITable Rows, IReadOnlyList<string[]> Sample, bool HasHeader, bool MustBeFull, string Separator)
{
    /// <summary>The format in words.</summary>
    public required string Format { get; init; }

    /// <summary>How text is written as bytes; empty for a format that is none.</summary>
    public required string Encoding { get; init; }

    /// <summary>How the file is packed; null when it is not.</summary>
    public string? Compression { get; init; }

    /// <summary>Lines above the header that were passed over.</summary>
    public int Skipped { get; init; }
}
