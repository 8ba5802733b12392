using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace FedRec.Core.Data.Readers;

/// <summary>JSON lines, one object in each, read as rows: the keys of the first objects are the columns.</summary>
/// <remarks>Strings are taken as they are, with the blanks at their ends; numbers as they are written; null as missing. Objects and lists in
/// an object are given as JSON. https://jsonlines.org.</remarks>
internal sealed class JsonLinesTable : ITable
{
    private const int SampleSize = 60;
    private readonly RecordReader _lines;
    private readonly Dictionary<string, int> _places;
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly char[]?[] _texts;
    private readonly int[] _lengths;

    private JsonLinesTable(RecordReader lines, IReadOnlyList<string> columns)
    {
        (_lines, Columns) = (lines, columns);
        _places = columns.Select((name, place) => (name, place)).ToDictionary(column => column.name, column => column.place, StringComparer.Ordinal);
        (_texts, _lengths) = (new char[columns.Count][], new int[columns.Count]);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Columns { get; }

    /// <inheritdoc/>
    public long Line => _lines.Line;

    /// <inheritdoc/>
    public int FieldCount => Fault is null ? Columns.Count : 0;

    /// <inheritdoc/>
    public string? Fault { get; private set; }

    /// <summary>The first rows.</summary>
    public IReadOnlyList<string[]> Sample { get; private init; } = [];

    /// <param name="lines">Cut into lines; closed with the table.</param>
    /// <param name="head">The start of the text, in which the columns are found.</param>
    /// <param name="isWhole">Whether that is all of it; otherwise its last line may be cut off.</param>
    public static JsonLinesTable Open(RecordReader lines, string head, bool isWhole)
    {
        var columns = KeysOf(head, isWhole);
        using var first = new JsonLinesTable(new RecordReader(TextReader.Null, head, Separator.None, quotes: false), columns);
        var sample = new List<string[]>();
        while (sample.Count < SampleSize && first.Read())
        {
            if (first.Fault is null)
            {
                sample.Add([.. Enumerable.Range(0, columns.Count).Select(column => first.Field(column).ToString())]);
            }
        }

        return new JsonLinesTable(lines, columns) { Sample = sample };
    }

    /// <inheritdoc/>
    public bool Read()
    {
        if (!_lines.Read())
        {
            return false;
        }

        Array.Clear(_lengths);
        Fault = _lines.Fault ?? Parse(_lines[0]);
        return true;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<char> Field(int column) => (uint)column < (uint)_lengths.Length && Fault is null ? _texts[column].AsSpan(0, _lengths[column]) : [];

    /// <summary>Closes the file.</summary>
    public void Dispose() => _lines.Dispose();

    private static List<string> KeysOf(string head, bool isWhole)
    {
        var (keys, lines) = (new List<string>(), head.Split('\n'));
        foreach (var line in isWhole ? lines : lines[..^1])
        {
            try
            {
                var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(line.Trim()));
                for (reader.Read(); reader.Read() && reader.TokenType == JsonTokenType.PropertyName; reader.Skip())
                {
                    keys.Add(reader.GetString()!);
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                continue; // the row is refused when its turn comes
            }
        }

        return [.. keys.Distinct(StringComparer.Ordinal)];
    }

    private string? Parse(ReadOnlySpan<char> line)
    {
        _bytes.ResetWrittenCount();
        _bytes.Advance(Encoding.UTF8.GetBytes(line, _bytes.GetSpan(Encoding.UTF8.GetMaxByteCount(line.Length))));
        var reader = new Utf8JsonReader(_bytes.WrittenSpan);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return "it is no JSON object";
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var place = _places.GetValueOrDefault(reader.GetString()!, -1);
                reader.Read();
                Keep(ref reader, place);
            }

            return reader.Read() ? "something follows its JSON object" : null;
        }
        catch (JsonException e)
        {
            return string.Create(CultureInfo.InvariantCulture, $"it is not valid JSON from its character {e.BytePositionInLine + 1} on");
        }
        catch (InvalidOperationException)
        {
            return "it has text that is no valid Unicode";
        }
    }

    private void Keep(ref Utf8JsonReader reader, int place)
    {
        if (place >= 0 && reader.TokenType == JsonTokenType.String)
        {
            _lengths[place] = reader.CopyString(Room(place, reader.ValueSpan.Length));
            return;
        }

        var (start, missing) = ((int)reader.TokenStartIndex, reader.TokenType == JsonTokenType.Null);
        reader.Skip();
        if (place >= 0 && !missing)
        {
            var json = _bytes.WrittenSpan[start..(int)reader.BytesConsumed];
            _lengths[place] = Encoding.UTF8.GetChars(json, Room(place, json.Length));
        }
    }

    private char[] Room(int place, int length) =>
        _texts[place] is { } text && text.Length >= length ? text : _texts[place] = new char[Math.Max(16, length * 2)];
}
