namespace FedRec.Core.Data;

/// <summary>Opens a file of rows: Parquet, or delimited text.</summary>
internal static class TableFile
{
    /// <param name="file">The file as the user named it.</param>
    /// <param name="delimiter">What separates fields of a text file; null to find out.</param>
    /// <param name="header">Whether the first line of a text file names its columns. Parquet always does.</param>
    /// <param name="encoding">How a text file is written, as <see cref="DataFile.EncodingOf"/> names it; null for UTF-8.</param>
    /// <exception cref="DatasetException">The file is missing, damaged, or neither text nor Parquet.</exception>
    public static ITable Open(string file, char? delimiter = null, bool header = true, string? encoding = null) =>
        ParquetTable.Recognizes(file) ? ParquetTable.Open(file) : CsvTable.Open(file, delimiter ?? CsvReader.FindDelimiter(file), header, encoding);

    /// <summary>What a position in the file is called.</summary>
    public static string PlaceWord(string? file) => ParquetTable.HasExtension(file) ? "row" : "line";
}
