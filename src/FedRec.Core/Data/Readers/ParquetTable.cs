using System.Buffers.Binary;
using Parquet;
using Parquet.Schema;

namespace FedRec.Core.Data.Readers;

/// <summary>A Parquet file read row by row; one row group is in memory at a time, and of it the columns that were asked for.</summary>
/// <remarks>Cells are given as the text that a CSV file of the same rows would hold, so that there is one set of rules for what a good row
/// is. Lists, maps and structures are no columns of a table and are left out. Checksums of pages are not looked at: a file that was cut off
/// is refused, single bytes that changed are noticed only where they break the format. https://parquet.apache.org/docs/file-format/.</remarks>
internal sealed class ParquetTable : ITable
{
    private const int SampleSize = 60;
    private const string Next = "Write the file anew, or give the same rows as CSV.";
    private static readonly ParquetOptions s_options = new() { TreatByteArrayAsString = true };

    private readonly string _file;
    private readonly Stream _stream;
    private readonly ParquetReader _reader;
    private readonly DataField[] _fields;
    private readonly CellText?[] _cells;
    private ParquetRowGroupReader? _group;
    private int _nextGroup;
    private int _row;
    private int _rows;

    private ParquetTable(string file, Stream stream, ParquetReader reader, DataField[] fields)
    {
        (_file, _stream, _reader, _fields) = (file, stream, reader, fields);
        _cells = new CellText?[_fields.Length];
        Columns = [.. _fields.Select(field => field.Name)];
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Columns { get; }

    /// <inheritdoc/>
    public long Line { get; private set; }

    /// <inheritdoc/>
    public int FieldCount => _fields.Length;

    /// <summary>Whether the file is called as Parquet files are.</summary>
    public static bool HasExtension(string? file) => string.Equals(Path.GetExtension(file), ".parquet", StringComparison.OrdinalIgnoreCase);

    /// <summary>The text of the first rows.</summary>
    /// <exception cref="DatasetException">The file is no Parquet file.</exception>
    public static IReadOnlyList<string[]> Sample(string file, Stream stream)
    {
        var (table, rows) = (Open(file, stream), new List<string[]>()); // not closed: the stream is read again
        while (rows.Count < SampleSize && table.Read())
        {
            rows.Add([.. Enumerable.Range(0, table.FieldCount).Select(column => table.Field(column).ToString())]);
        }

        return rows;
    }

    /// <summary>Opens a file by its bytes, which are closed with the table.</summary>
    /// <exception cref="DatasetException">The file is no Parquet file.</exception>
    public static ParquetTable Open(string file, Stream stream)
    {
        stream.Position = 0;
        try
        {
            var (reader, fields) = Wait(file, "opened", () => OpenAsync(stream));
            return new ParquetTable(file, stream, reader, fields);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool Read()
    {
        for (_row++; _row >= _rows; _row = 0)
        {
            if (_nextGroup == _reader.RowGroupCount)
            {
                return false;
            }

            OpenGroup(_nextGroup++);
        }

        Line++;
        return true;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<char> Field(int column)
    {
        if ((uint)column >= (uint)_fields.Length)
        {
            return [];
        }

        var (field, group) = (_fields[column], _group!);
        _cells[column] ??= Wait(_file, $"read at the column '{field.Name}', row group {_nextGroup}", () => ParquetCells.ReadAsync(group, field, _rows));
        return _cells[column]!(_row);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _group?.Dispose();
        _stream.Dispose(); // the reader has nothing beside it
    }

    private static async Task<(ParquetReader Reader, DataField[] Fields)> OpenAsync(Stream stream)
    {
        CheckFooter(stream);
        var reader = await ParquetReader.CreateAsync(stream, s_options).ConfigureAwait(false);
        return (reader, [.. reader.Schema.Fields.OfType<DataField>().Where(field => !field.IsArray)]);
    }

    // The library reads a footer that is not closed without end. A file ends with the footer, which closes with 0; its length; PAR1.
    private static void CheckFooter(Stream stream)
    {
        Span<byte> end = stackalloc byte[9];
        if (stream.Length >= 4 + end.Length)
        {
            stream.Position = stream.Length - end.Length;
            stream.ReadExactly(end);
            stream.Position = 0;
            var length = BinaryPrimitives.ReadUInt32LittleEndian(end[1..]);
            if (end[0] != 0 || length == 0 || length > stream.Length - 12)
            {
                throw new InvalidDataException("its footer does not end where it should");
            }
        }
    }

    private void OpenGroup(int number)
    {
        _group?.Dispose();
        Array.Clear(_cells);
        (_group, _rows) = Wait(_file, $"read at row group {number + 1}", () =>
        {
            var group = _reader.OpenRowGroupReader(number);
            return Task.FromResult((group, checked((int)group.RowCount)));
        });
    }

    // Readers of data are synchronous. The library need not return to the caller's scheduler, which in a grain runs one thing at a time.
    private static T Wait<T>(string file, string where, Func<Task<T>> read)
    {
        try
        {
            return Task.Run(read).GetAwaiter().GetResult();
        }
        catch (ColumnTypeException e)
        {
            throw new DatasetException($"The Parquet file cannot be {where}: {e.Message}", "Write it with plain columns of numbers, text and timestamps, or give the same rows as CSV.", file, inner: e);
        }
        catch (Exception e) when (e is not DatasetException) // damaged bytes make the library fail in every way
        {
            throw new DatasetException($"The Parquet file is damaged; it cannot be {where}.", Next, file, inner: e);
        }
    }
}
