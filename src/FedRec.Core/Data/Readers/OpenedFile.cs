using System.IO.Compression;
using System.Text;

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

/// <summary>A data file whose first bytes have been looked at: it is unpacked when it is compressed, and refused by name when it cannot be read.</summary>
/// <remarks>Nothing is believed of a file's name: data sets are published as <c>.txt</c>, <c>.dat</c> and <c>.inter</c> alike.</remarks>
internal sealed class OpenedFile : IDisposable
{
    private const int ProbeLength = 8192;
    private readonly Func<Stream> _unpack;
    private readonly byte[] _start;

    private OpenedFile(string file, Stream bytes, Func<Stream> unpack, string? compression)
    {
        (File, Bytes, _unpack, Compression) = (file, bytes, unpack, compression);
        var start = new byte[ProbeLength];
        _start = start[..unpack().ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
    }

    /// <summary>As the user named it.</summary>
    public string File { get; }

    /// <summary>The bytes as they are stored.</summary>
    public Stream Bytes { get; }

    /// <summary>How the file is packed: <c>gzip</c> or <c>zip</c>; null when it is not.</summary>
    public string? Compression { get; }

    /// <summary>Whether it is a Parquet file.</summary>
    public bool IsParquet => _start.AsSpan().StartsWith("PAR1"u8);

    /// <summary>Whether it is a SQLite database. https://sqlite.org/fileformat.html §1.3.</summary>
    public bool IsDatabase => Compression is null && _start.AsSpan().StartsWith("SQLite format 3\0"u8);

    /// <summary>Opens a file, or a file in an archive that is named behind it: <c>ml-1m.zip/ml-1m/ratings.dat</c>.</summary>
    /// <exception cref="DatasetException">It is missing, not readable, or of a format that is not read.</exception>
    public static OpenedFile Open(string file, FilePart? part = null)
    {
        var (path, inner) = ZipFiles.Split(file);
        var bytes = part is { } some ? new FilePartStream(DataFile.OpenStream(path), some) : DataFile.OpenStream(path);
        try
        {
            var opened = Unpack(file, bytes, inner);
            ForeignFormats.ThrowIfForeign(file, opened._start);
            return opened;
        }
        catch (InvalidDataException e)
        {
            bytes.Dispose();
            throw UnpackedStream.Damaged(file, e);
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    /// <summary>Reads it as text.</summary>
    /// <param name="encoding">One of <see cref="TextEncodings"/>; null for UTF-8. A byte order mark is believed in any case.</param>
    /// <returns>The reader; the file is closed with it.</returns>
    /// <exception cref="DatasetException">The file is empty, or not text.</exception>
    /// <exception cref="ArgumentException">There is no such encoding.</exception>
    public StreamReader ReadText(string? encoding = null)
    {
        try
        {
            CheckIsText(encoding);
            return new StreamReader(new UnpackedStream(File, _unpack(), Bytes, Compression == "gzip"), encoding is null ? Encoding.UTF8 : TextEncodings.Find(encoding), detectEncodingFromByteOrderMarks: true, bufferSize: 1 << 16);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => Bytes.Dispose();

    private static OpenedFile Unpack(string file, Stream bytes, string? inner)
    {
        Span<byte> magic = stackalloc byte[4];
        magic = magic[..bytes.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false)];
        if (magic.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
        {
            return new OpenedFile(file, bytes, () => new GZipStream(Rewound(bytes), CompressionMode.Decompress, leaveOpen: true), "gzip");
        }

        if (magic.StartsWith("PK\u0003\u0004"u8))
        {
            var entry = ZipFiles.Choose(file, new ZipArchive(Rewound(bytes), ZipArchiveMode.Read, leaveOpen: true), inner);
            return new OpenedFile(file, bytes, entry.Open, "zip");
        }

        return new OpenedFile(file, bytes, () => Rewound(bytes), null);
    }

    private static Stream Rewound(Stream bytes)
    {
        bytes.Position = 0;
        return bytes;
    }

    private void CheckIsText(string? encoding)
    {
        var start = _start.AsSpan();
        start = start.StartsWith(Encoding.UTF8.Preamble) ? start[Encoding.UTF8.Preamble.Length..] : start;
        if (start.IsEmpty)
        {
            throw new DatasetException("The file is empty.", "Give a file with one interaction per line.", File);
        }

        var utf16 = start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || start.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]);
        if (encoding is null && !utf16 && start.Contains((byte)0))
        {
            throw new DatasetException("The file is not text.", "Give CSV, TSV, JSON lines or Parquet, packed with gzip or zip or not; for text in UTF-16 without a byte order mark give --encoding utf-16.", File);
        }
    }
}
