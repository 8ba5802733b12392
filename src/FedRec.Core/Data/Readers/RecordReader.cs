using System.Buffers;

namespace FedRec.Core.Data.Readers;

/// <summary>Cuts text into records of fields (RFC 4180, with any separator), and knows the line of each.</summary>
/// <remarks>Written for what the usual libraries do not do: a broken quote costs one record and not the file, no character opens a comment
/// unasked, and line numbers are those of an editor: blank lines and line breaks inside quotes count. Reading goes on behind the first line of
/// a broken record, since a quote that is never closed would otherwise swallow the rows below it.</remarks>
internal sealed class RecordReader : IDisposable
{
    /// <summary>Characters of the longest record.</summary>
    public const int LongestRecord = 1 << 22;

    private readonly RecordText _text;
    private readonly Separator _separator;
    private readonly bool _quotes;
    private readonly SearchValues<char> _ends;
    private readonly List<Field> _fields = [];
    private long _brokenTo;
    private bool _hasQuoted;

    /// <summary>Takes over the reader.</summary>
    /// <param name="text">What is left of the text.</param>
    /// <param name="head">What was read of it already.</param>
    /// <param name="separator">Stands between fields.</param>
    /// <param name="quotes">Whether a field may be quoted; otherwise a quote is a character like others.</param>
    public RecordReader(TextReader text, ReadOnlySpan<char> head, Separator separator, bool quotes)
    {
        (_text, _separator, _quotes) = (new RecordText(text, head), separator, quotes);
        _ends = SearchValues.Create(separator.Kind == SeparatorKind.Blanks ? [' ', '\t', '\r', '\n'] : separator == Separator.None ? ['\r', '\n'] : [separator.First, '\r', '\n']);
    }

    /// <summary>The line at which the current record begins, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>Fields of the current record; 0 when it is broken.</summary>
    public int FieldCount => _fields.Count;

    /// <summary>What is wrong with the current record; null when nothing is.</summary>
    public string? Fault { get; private set; }

    /// <summary>Whether a field stands in quotes, so that blanks at its ends are part of it.</summary>
    public bool IsQuoted(int field) => _fields[field].Quotes != Quoting.None;

    /// <summary>The text of a field without its quotes; valid until the next record.</summary>
    public ReadOnlySpan<char> this[int field] => _text.Slice(_fields[field].Start, _fields[field].Length);

    /// <summary>Passes over lines, whatever is in them.</summary>
    public void Skip(long lines)
    {
        for (var line = 0L; line < lines && _text.Fill(); line++)
        {
            _text.PassLine();
        }
    }

    /// <summary>Goes to the next record that is not blank, broken or not.</summary>
    public bool Read()
    {
        while (_text.Fill())
        {
            (Line, Fault) = (_text.Line, null);
            var end = Cut();
            while (end < 0 && Fault is null)
            {
                _text.Fill(more: true);
                end = Cut(); // from the record's start: it seldom lies across the end of what is in memory
                Fault ??= end < 0 && _text.End - _text.Start > LongestRecord ? $"it is longer than {LongestRecord} characters" : null;
            }

            if (Fault is not null)
            {
                _fields.Clear();
                _text.PassLine();
                return true;
            }

            if (!Finish(end))
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public void Dispose() => _text.Dispose();

    // The position behind the record, or −1 when it goes on beyond what is in memory.
    private int Cut()
    {
        _fields.Clear();
        _hasQuoted = false;
        var at = _separator.Kind == SeparatorKind.Blanks ? PassBlanks(_text.Start) : _text.Start;
        while (true)
        {
            var quoted = _quotes && at < _text.End && _text[at] == '"';
            var end = quoted ? CutQuoted(at) : CutPlain(at);
            if (end < 0 || Fault is not null)
            {
                return end;
            }

            if (end == _text.End)
            {
                return _text.HasEnded ? end : -1;
            }

            if (_text[end] is '\r' or '\n')
            {
                return end + 1 == _text.End && !_text.HasEnded && _text[end] == '\r' ? -1 : end;
            }

            at = end + _separator.Length;
            if (_separator.Kind == SeparatorKind.Blanks && (at = PassBlanks(at)) < _text.End && _text[at] is '\r' or '\n')
            {
                return at + 1 == _text.End && !_text.HasEnded ? -1 : at;
            }
        }
    }

    private int CutPlain(int start)
    {
        var at = start;
        while (true)
        {
            var found = _text.From(at).IndexOfAny(_ends);
            var end = found < 0 ? _text.End : at + found;
            if (found >= 0 && _separator.Kind == SeparatorKind.Doubled && _text[end] == _separator.First)
            {
                if (end + 1 == _text.End && !_text.HasEnded)
                {
                    return -1;
                }

                if (!_separator.IsAt(_text.From(end)))
                {
                    at = end + 1; // one alone is a character like others
                    continue;
                }
            }

            if (found < 0 && _separator.Kind == SeparatorKind.Blanks && end == start && _fields.Count > 0)
            {
                return end; // blanks at the very end of the text
            }

            _fields.Add(new Field(start, end - start, Quoting.None));
            if (_text.Line < _brokenTo && _quotes && _text.Slice(start, end - start).Contains('"'))
            {
                Fault = "it belongs to the broken row above it";
            }

            return end;
        }
    }

    private int CutQuoted(int start)
    {
        var field = QuotedField.Cut(_text, start, _separator, LongestRecord);
        if (field.Fault is not null)
        {
            _brokenTo = Math.Max(_brokenTo, _text.Line + RecordText.LineBreaks(_text.Slice(_text.Start, field.End - _text.Start)) + 1);
            Fault = field.Fault;
        }
        else if (field.End >= 0)
        {
            _hasQuoted = true;
            _fields.Add(new Field(start + 1, field.End - start - 2, field.IsDoubled ? Quoting.Doubled : Quoting.Plain));
        }

        return field.End;
    }

    // Goes behind the record; false when it is blank and passed over.
    private bool Finish(int end)
    {
        var record = _text.Slice(_text.Start, end - _text.Start);
        var blank = !_hasQuoted && record.IsWhiteSpace();
        var lineBreaks = _hasQuoted ? RecordText.LineBreaks(record) : 0; // before quotes are undoubled, which leaves characters twice
        for (var i = 0; i < _fields.Count && _hasQuoted; i++)
        {
            if (_fields[i].Quotes == Quoting.Doubled)
            {
                _fields[i] = _fields[i] with { Length = QuotedField.Undouble(_text.Slice(_fields[i].Start, _fields[i].Length)), Quotes = Quoting.Plain };
            }
        }

        _text.Pass(end, lineBreaks);
        return blank;
    }

    private int PassBlanks(int at)
    {
        while (at < _text.End && _text[at] is ' ' or '\t')
        {
            at++;
        }

        return at;
    }

    private enum Quoting : byte
    {
        None,
        Plain,
        Doubled,
    }

    private readonly record struct Field(int Start, int Length, Quoting Quotes);
}
