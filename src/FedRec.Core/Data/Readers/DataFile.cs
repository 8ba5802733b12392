namespace FedRec.Core.Data.Readers;

/// <summary>Opens data files as bytes or as text, with a clear error for what cannot be one.</summary>
internal static class DataFile
{
    /// <summary>Opens text, unpacked when it is compressed.</summary>
    /// <param name="file">As the user named it.</param>
    /// <param name="encoding">One of <see cref="TextEncodings"/>; null for UTF-8. A byte order mark is believed in any case.</param>
    /// <exception cref="DatasetException">The file is missing, empty, not text or not readable.</exception>
    public static StreamReader OpenText(string file, string? encoding = null) => OpenedFile.Open(file).ReadText(encoding);

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
}
