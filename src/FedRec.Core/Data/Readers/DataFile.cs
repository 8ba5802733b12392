using System.Text;

namespace FedRec.Core.Data.Readers;

/// <summary>Opens data files as bytes or as text, with a clear error for what cannot be one.</summary>
internal static class DataFile
{
    /// <summary>How Excel and many others wrote text before UTF-8; Latin-1 and some signs more, such as curly quotes.</summary>
    private const string Older = "windows-1252";

    /// <summary>The encoding of a small file of text: null for UTF-8 and UTF-16 with a byte order mark, else <c>windows-1252</c>.</summary>
    public static string? EncodingOf(string file)
    {
        var bytes = File.ReadAllBytes(file);
        return IsUtf8(bytes) || bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] ? null : Older;
    }

    /// <summary>Opens text, unpacked when it is compressed.</summary>
    /// <param name="file">As the user named it.</param>
    /// <param name="encoding">One of <see cref="TextEncodings"/>; null for UTF-8. A byte order mark is believed in any case.</param>
    /// <exception cref="DatasetException">The file is missing, empty, not text or not readable.</exception>
    public static StreamReader OpenText(string file, string? encoding = null) => OpenedFile.Open(file).ReadText(encoding);

    /// <summary>All lines of a small file that may stem from before UTF-8.</summary>
    public static IEnumerable<string> ReadLines(string file)
    {
        var bytes = File.ReadAllBytes(file);
        return (IsUtf8(bytes) ? Encoding.UTF8 : Encoding.Latin1).GetString(bytes).TrimStart('\uFEFF').Split('\n').Select(l => l.TrimEnd('\r'));
    }

    /// <summary>Opens the bytes of a file, from which one can read more than once: a pipe is copied first.</summary>
    /// <exception cref="DatasetException">The file is missing or not readable.</exception>
    public static Stream OpenStream(string file)
    {
        try
        {
            var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 16, FileOptions.SequentialScan);
            return stream.CanSeek && stream.Length > 0 ? stream : SpooledFile.Copy(stream, file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DatasetException("There is no such file or folder.", "Check the path.", file, inner: e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new DatasetException(Directory.Exists(file) ? "It is a folder, not a file." : "The file may not be read.", "Check the path and its permissions.", file, inner: e);
        }
    }

    private static bool IsUtf8(ReadOnlySpan<byte> bytes) => System.Text.Unicode.Utf8.IsValid(bytes);
}
