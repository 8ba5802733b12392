namespace FedRec.Core.Data.Readers;

/// <summary>Rows of named columns, read one after the other as text, whatever the format of the file.</summary>
internal interface ITable : IDisposable
{
    /// <summary>Names of the columns, in the order of the file; their places from 1 where the file has no names.</summary>
    IReadOnlyList<string> Columns { get; }

    /// <summary>Where the current row is, from 1: its first line in a text file, its number in a Parquet file.</summary>
    long Line { get; }

    /// <summary>Fields of the current row; may differ from the number of columns in a text file.</summary>
    int FieldCount { get; }

    /// <summary>Why the current row has no fields; null when it has. A broken row leaves the rows after it whole.</summary>
    string? Fault => null;

    /// <summary>Goes to the next row that is not blank.</summary>
    /// <returns>False when there is none.</returns>
    /// <exception cref="DatasetException">The file is damaged.</exception>
    bool Read();

    /// <summary>A field of the current row; empty when it is missing or the column is −1. Valid until the next row.</summary>
    ReadOnlySpan<char> Field(int column);
}
