using Sylvan.Data.Csv;

namespace FedRec.Core.Data;

/// <summary>A delimited file read row by row, with line numbers and typed errors.</summary>
internal sealed class CsvTable : ITable
{
    private readonly string _file;
    private readonly CsvDataReader _reader;
    private bool _ended;
    private long _nextLine;

    private CsvTable(string file, CsvDataReader reader, bool header)
    {
        (_file, _reader, _nextLine) = (file, reader, header ? 2 : 1);
        Columns = [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)];
    }

    /// <summary>First line of the current row, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>Fields of the current row; may differ from the header's.</summary>
    public int FieldCount => _reader.RowFieldCount;

    /// <summary>Column names of the header.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Opens a file with a header line, or without one.</summary>
    public static CsvTable Open(string file, char delimiter, bool header = true, string? encoding = null)
    {
        var text = DataFile.OpenText(file, encoding);
        try
        {
            var options = new CsvDataReaderOptions { Delimiter = delimiter, HasHeaders = header, BufferSize = 1 << 16, MaxBufferSize = 1 << 22 };
            return new CsvTable(file, CsvDataReader.Create(text, options), header);
        }
        catch (CsvFormatException e)
        {
            text.Dispose();
            throw new DatasetException(e.Message, "Correct the first line: it names the columns.", file, 1, e);
        }
    }

    /// <summary>Goes to the next row that is not blank.</summary>
    public bool Read()
    {
        try
        {
            while (!_ended && _reader.Read())
            {
                var raw = _reader.GetRawRecordSpan();
                Line = _nextLine;
                _nextLine += Math.Max(1, raw.Count('\n'));
                if (!raw.Trim().IsEmpty)
                {
                    return true;
                }
            }
        }
        catch (CsvFormatException e)
        {
            throw new DatasetException(e.Message, "Correct the quotes: a quote inside a quoted field is doubled.", _file, _nextLine, e);
        }

        _ended = true;
        return false;
    }

    /// <summary>A field of the current row; empty when the row is too short or the column is −1.</summary>
    public ReadOnlySpan<char> Field(int column) =>
        (uint)column >= (uint)_reader.RowFieldCount ? [] : _reader.GetFieldSpan(column);

    /// <summary>Closes the file.</summary>
    public void Dispose() => _reader.Dispose();
}
