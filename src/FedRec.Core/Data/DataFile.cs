using System.Text;

namespace FedRec.Core.Data;

/// <summary>Opens data files as text, with a clear error for what cannot be one.</summary>
internal static class DataFile
{
    private const int ProbeLength = 8192;

    /// <summary>How Excel and many others wrote text before UTF-8; Latin-1 and some signs more, such as curly quotes.</summary>
    private const string Older = "windows-1252";

    /// <summary>The encoding of a small file of text: null for UTF-8 and UTF-16 with a byte order mark, else <c>windows-1252</c>.</summary>
    public static string? EncodingOf(string file)
    {
        var bytes = File.ReadAllBytes(file);
        return IsUtf8(bytes) || bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] ? null : Older;
    }

    /// <summary>Opens UTF-8 text (or UTF-16 with a byte order mark).</summary>
    /// <param name="file">As the user named it.</param>
    /// <param name="encoding">As <see cref="EncodingOf"/> names it. Default: UTF-8.</param>
    /// <exception cref="DatasetException">The file is missing, empty, binary or not readable.</exception>
    public static StreamReader OpenText(string file, string? encoding = null)
    {
        var stream = OpenStream(file);
        try
        {
            Span<byte> probe = stackalloc byte[ProbeLength];
            probe = probe[..stream.ReadAtLeast(probe, ProbeLength, throwOnEndOfStream: false)];
            CheckIsText(file, probe);
            stream.Position = 0;
            return new StreamReader(stream, encoding is null ? Encoding.UTF8 : CodePagesEncodingProvider.Instance.GetEncoding(encoding)!, detectEncodingFromByteOrderMarks: true, bufferSize: 1 << 16);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>All lines of a small file that may stem from before UTF-8.</summary>
    public static IEnumerable<string> ReadLines(string file)
    {
        var bytes = File.ReadAllBytes(file);
        return (IsUtf8(bytes) ? Encoding.UTF8 : Encoding.Latin1).GetString(bytes).TrimStart('\uFEFF').Split('\n').Select(l => l.TrimEnd('\r'));
    }

    private static bool IsUtf8(ReadOnlySpan<byte> bytes) => System.Text.Unicode.Utf8.IsValid(bytes);

    /// <summary>Opens the bytes of a file.</summary>
    /// <exception cref="DatasetException">The file is missing or not readable.</exception>
    public static FileStream OpenStream(string file)
    {
        try
        {
            return new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 16, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DatasetException("There is no such file or folder.", "Check the path.", file, inner: e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new DatasetException("The file may not be read.", "Check its permissions.", file, inner: e);
        }
    }

    private static void CheckIsText(string file, ReadOnlySpan<byte> start)
    {
        if (start.IsEmpty)
        {
            throw new DatasetException("The file is empty.", "Give a file with one interaction per line.", file);
        }

        var utf16 = start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || start.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]);
        if (!utf16 && start.Contains((byte)0))
        {
            throw new DatasetException("The file is not text.", "Give u.data, ratings.dat, or a CSV, TSV or Parquet file; unpack archives first.", file);
        }
    }
}
