using System.Text;

namespace FedRec.Core.Data.Readers;

/// <summary>Lines that begin with a user and go on with all items of the user, as those of LightGCN and its followers; a row is a pair of both.</summary>
/// <param name="records">With blanks between fields; closed with the table.</param>
internal sealed class ItemsOfUserTable(RecordReader records) : ITable
{
    private int _item;

    /// <inheritdoc/>
    public IReadOnlyList<string> Columns { get; } = ["user", "item"];

    /// <inheritdoc/>
    public long Line => records.Line;

    /// <inheritdoc/>
    public int FieldCount => Columns.Count;

    /// <inheritdoc/>
    public string? Fault => records.Fault;

    /// <inheritdoc/>
    public bool Read()
    {
        for (_item++; _item >= records.FieldCount; _item = 1)
        {
            if (!records.Read())
            {
                return false;
            }

            if (Fault is not null)
            {
                return true;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<char> Field(int column) => column switch { 0 => records[0], 1 => records[_item], _ => [] };

    /// <summary>Closes the file.</summary>
    public void Dispose() => records.Dispose();
}

/// <summary>How the lists of items and users that lie beside the interactions are written as bytes: in UTF-8 where they can be read so, which other
/// text almost never can by chance; else as the user says; else as before UTF-8, which is noted where people wrote the list themselves.</summary>
/// <param name="encoding">What the user says of the data, one of <see cref="TextEncodings"/>; null for nothing.</param>
internal sealed class ListText(string? encoding)
{
    /// <summary>How Excel and many others wrote text before UTF-8; Latin-1 and some signs more, such as curly quotes.</summary>
    private const string Older = "windows-1252";

    private readonly List<string> _notes = [];

    /// <summary>What the reader of the data should know, a sentence each.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>The encoding of a list; null for UTF-8, and for UTF-16 with a byte order mark.</summary>
    public string? EncodingOf(string file)
    {
        var bytes = File.ReadAllBytes(file);
        if (IsUtf8(bytes) || bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
        {
            return null;
        }

        if (encoding is null)
        {
            _notes.Add($"{Path.GetFileName(file)} is not UTF-8 and is read as Windows-1252; --encoding says otherwise.");
        }

        return encoding ?? Older;
    }

    /// <summary>The lines of a list in one of the formats of MovieLens, which were published in Latin-1.</summary>
    public IEnumerable<string> Lines(string file)
    {
        var bytes = File.ReadAllBytes(file);
        var written = IsUtf8(bytes) ? Encoding.UTF8 : encoding is null ? Encoding.Latin1 : TextEncodings.Find(encoding);
        return written.GetString(bytes).TrimStart('\uFEFF').Split('\n').Select(line => line.TrimEnd('\r'));
    }

    // UTF-16 without a byte order mark looks like UTF-8 with NULs.
    private static bool IsUtf8(ReadOnlySpan<byte> bytes) => System.Text.Unicode.Utf8.IsValid(bytes) && !bytes.Contains((byte)0);
}
