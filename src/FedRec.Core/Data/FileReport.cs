namespace FedRec.Core.Data;

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
