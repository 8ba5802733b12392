using System.Security.Cryptography;
using FedRec.Core.Data.Readers;

namespace FedRec.Cli.Parties;

/// <summary>How far a file of lines was read, and what it held until there: whether lines were only appended to it is known by the hash.</summary>
/// <param name="Head">Bytes of the first line, which names the columns.</param>
/// <param name="Bytes">Bytes that were read, to the end of a line.</param>
/// <param name="Sha256">Of these bytes.</param>
internal sealed record FileMark(int Head, long Bytes, string Sha256)
{
    private const int MostHead = 1 << 16;

    /// <summary>All that was read.</summary>
    public FilePart Read => new(0, 0, Bytes);

    /// <summary>Marks a file as it is now.</summary>
    /// <returns>Null where lines cannot be appended to it: it is a folder, packed, Parquet, JSON or a database, or its last line has no end.</returns>
    public static FileMark? Of(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using var file = Open(path);
        var start = new byte[MostHead];
        start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        var head = start.AsSpan().IndexOf((byte)'\n') + 1;
        return head == 0 || start[0] is 0x1f or (byte)'{' or (byte)'[' || start.AsSpan().StartsWith("PK"u8) || start.AsSpan().StartsWith("PAR1"u8) || start.AsSpan().StartsWith("SQLite"u8) || start.AsSpan().Contains((byte)0) || !EndsALine(file)
            ? null : new FileMark(head, file.Length, HashOf(file, file.Length));
    }

    /// <summary>Whether a file still begins with what was read.</summary>
    public bool IsStartOf(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        using var file = Open(path);
        return file.Length >= Bytes && HashOf(file, Bytes) == Sha256;
    }

    /// <summary>What was appended since, with the first line.</summary>
    public FilePart Appended(FileMark now) => new(Head, Bytes, now.Bytes);

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 16);

    private static bool EndsALine(FileStream file)
    {
        file.Position = file.Length - 1;
        return file.ReadByte() == '\n';
    }

    private static string HashOf(FileStream file, long bytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[1 << 16];
        file.Position = 0;
        for (var left = bytes; left > 0;)
        {
            var read = file.Read(block, 0, (int)Math.Min(block.Length, left));
            if (read == 0)
            {
                break; // it has become shorter meanwhile: the hash is another one
            }

            hash.AppendData(block, 0, read);
            left -= read;
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
