using System.Globalization;
using FedRec.Core.Data.Behaviours;
using FedRec.Core.Data.Cleaning;
using FedRec.Core.Data.Readers;

namespace FedRec.Core.Data;

/// <summary>What became of the rows of a file.</summary>
/// <param name="Rows">Data rows read, without headers and blank lines.</param>
/// <param name="Duplicates">Rows merged into an earlier row of the same user and item.</param>
/// <param name="BadRows">Rows refused.</param>
/// <param name="Examples">The first refused rows, at most 20.</param>
public sealed record LoadReport(long Rows, long Duplicates, long BadRows, IReadOnlyList<BadRow> Examples)
{
    /// <summary>What else was counted, a sentence each: missing numbers, words outside a vocabulary, words that share a hash bucket. Default: none.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What was found out about each file that was read. Default: none.</summary>
    public IReadOnlyList<FileReport> Files { get; init; } = [];

    /// <summary>Events of each kind, the weakest first; empty when the rows have no kinds. Default: none.</summary>
    public IReadOnlyList<KindCount> Kinds { get; init; } = [];

    /// <summary>Rows that cleaning removed, by reason; null when nothing was cleaned. Default: null.</summary>
    public RemovedRows? Removed { get; init; }

    /// <summary>Users and items that were left out because they occur too rarely; null when that was not asked for. Default: null.</summary>
    public FilteredRows? Filtered { get; init; }

    /// <summary>What was joined from another domain, whose rows are counted there alone; null when nothing was. Default: null.</summary>
    public ContextReport? Context { get; init; }
}

/// <summary>One refused row.</summary>
/// <param name="File">Path as given by the user.</param>
/// <param name="Line">Line number from 1; of a Parquet file the number of the row.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record BadRow(string File, long Line, string Reason)
{
    /// <summary>Place and reason, for a reader who knows one file already.</summary>
    internal string Where(string known) => File == known ? string.Create(CultureInfo.InvariantCulture, $"{TableFile.PlaceWord(File)} {Line}: {Reason}") : ToString();

    /// <summary>In words.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}, {TableFile.PlaceWord(File)} {Line}: {Reason}");
}

/// <summary>What was found out about a file of interactions.</summary>
/// <param name="File">As the user named it.</param>
/// <param name="Format">In words, such as <c>CSV</c>, <c>JSON lines</c>, <c>text with tabs between fields, without a header</c>.</param>
public sealed record FileReport(string File, string Format)
{
    /// <summary>How text is written as bytes, such as <c>utf-8</c>; null for Parquet. Default: null.</summary>
    public string? Encoding { get; init; }

    /// <summary>How it is packed: <c>gzip</c> or <c>zip</c>; null when it is not. Default: null.</summary>
    public string? Compression { get; init; }

    /// <summary>The columns that are used, and what for. Default: none.</summary>
    public IReadOnlyList<ColumnUse> Columns { get; init; } = [];

    /// <summary>The columns that are not used. Default: none.</summary>
    public IReadOnlyList<string> Unused { get; init; } = [];

    /// <summary>What its times count, such as <c>milliseconds since 1970</c>; null without times. Default: null.</summary>
    public string? Times { get; init; }

    /// <summary>Format, encoding and packing in words.</summary>
    public string FormatInWords => string.Join(", ", new[] { Format, Encoding, Compression is null ? null : $"packed with {Compression}" }.OfType<string>());

    /// <summary>The columns in words: <c>user from visitorid, item from itemid</c>.</summary>
    public string ColumnsInWords => string.Join(", ", Columns.Select(column => column.Use == column.Column ? column.Use : $"{column.Use} from {column.Column}"));
}

/// <summary>A column that is used.</summary>
/// <param name="Use">What it says: user, item, rating, time, kind, split or party.</param>
/// <param name="Column">Its name, or its place from 1 where columns have no names.</param>
public sealed record ColumnUse(string Use, string Column);
