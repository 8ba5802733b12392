using FedRec.Core.Data.Readers;

namespace FedRec.Core.Data;

/// <summary>The interactions cannot be used. The message says what is wrong, where, and what to do next.</summary>
public sealed class DatasetException : Exception
{
    /// <summary>Reports a problem with a data file or with the data in it.</summary>
    /// <param name="what">What is wrong; a sentence.</param>
    /// <param name="next">What to do next; a sentence.</param>
    /// <param name="file">The file as the user named it, if one is to blame.</param>
    /// <param name="line">The line from 1, or the row of a Parquet file, if one is to blame.</param>
    /// <param name="inner">The cause, if another exception told of it.</param>
    public DatasetException(string what, string next, string? file = null, long? line = null, Exception? inner = null)
        : base($"{PlaceOf(file, line)}{what} {next}", inner) => (What, Next, File, Line) = (what, next, file, line);

    /// <summary>What is wrong.</summary>
    public string What { get; }

    /// <summary>What to do next.</summary>
    public string Next { get; }

    /// <summary>The file to blame, or null.</summary>
    public string? File { get; }

    /// <summary>The line to blame, from 1, or null.</summary>
    public long? Line { get; }

    /// <summary>File and line with a colon and a space behind them; empty when no file is to blame.</summary>
    public string Place => PlaceOf(File, Line);

    private static string PlaceOf(string? file, long? line) =>
        file is null ? "" : line is null ? $"{file}: " : $"{file}, {TableFile.PlaceWord(file)} {line}: ";
}
