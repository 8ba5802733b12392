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

    private readonly TextReader _text;
    private readonly Separator _separator;
    private readonly bool _quotes;
    private readonly SearchValues<char> _ends;
    private readonly List<Field> _fields = [];
    private char[] _buffer;
    private int _filled;
    private int _next;
    private long _nextLine = 1;
    private long _brokenTo;
    private bool _ended;

    /// <summary>Takes over the reader.</summary>
    /// <param name="text">What is left of the text.</param>
    /// <param name="head">What was read of it already.</param>
    /// <param name="separator">Stands between fields.</param>
    /// <param name="quotes">Whether a field may be quoted; otherwise a quote is a character like others.</param>
    public RecordReader(TextReader text, ReadOnlySpan<char> head, Separator separator, bool quotes)
    {
        (_text, _separator, _quotes) = (text, separator, quotes);
        _ends = SearchValues.Create(separator.Kind == SeparatorKind.Blanks ? [' ', '\t', '\r', '\n'] : separator == Separator.None ? ['\r', '\n'] : [separator.First, '\r', '\n']);
        _buffer = new char[Math.Max(1 << 16, head.Length)];
        head.CopyTo(_buffer);
        _filled = head.Length;
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
    public ReadOnlySpan<char> this[int field] => _buffer.AsSpan(_fields[field].Start, _fields[field].Length);

    /// <summary>Passes over lines, whatever is in them.</summary>
    public void Skip(long lines)
    {
        for (var line = 0L; line < lines && Fill(); line++)
        {
            PassLine();
        }
    }

    /// <summary>Goes to the next record that is not blank, broken or not.</summary>
    public bool Read()
    {
        while (Fill())
        {
            (Line, Fault) = (_nextLine, null);
            var end = Cut();
            while (end < 0 && Fault is null)
            {
                Fill(more: true);
                end = Cut(); // from the record's start: it seldom lies across the end of what is in memory
                Fault ??= end < 0 && _filled - _next > LongestRecord ? $"it is longer than {LongestRecord} characters" : null;
            }

            if (Fault is not null)
            {
                _fields.Clear();
                PassLine();
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
        var at = _next;
        if (_separator.Kind == SeparatorKind.Blanks)
        {
            at = PassBlanks(at);
        }

        while (true)
        {
            var quoted = _quotes && at < _filled && _buffer[at] == '"';
            var end = quoted ? CutQuoted(at) : CutPlain(at);
            if (end < 0 || Fault is not null)
            {
                return end;
            }

            if (end == _filled)
            {
                return _ended ? end : -1;
            }

            if (_buffer[end] is '\r' or '\n')
            {
                return end + 1 == _filled && !_ended && _buffer[end] == '\r' ? -1 : end;
            }

            at = end + _separator.Length;
            if (_separator.Kind == SeparatorKind.Blanks && (at = PassBlanks(at)) < _filled && _buffer[at] is '\r' or '\n')
            {
                return at + 1 == _filled && !_ended ? -1 : at;
            }
        }
    }

    private int CutPlain(int start)
    {
        var at = start;
        while (true)
        {
            var found = _buffer.AsSpan(at, _filled - at).IndexOfAny(_ends);
            var end = found < 0 ? _filled : at + found;
            if (found >= 0 && _separator.Kind == SeparatorKind.Doubled && _buffer[end] == _separator.First)
            {
                if (end + 1 == _filled && !_ended)
                {
                    return -1;
                }

                if (end + 1 == _filled || _buffer[end + 1] != _separator.First)
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
            if (_nextLine < _brokenTo && _quotes && _buffer.AsSpan(start, end - start).Contains('"'))
            {
                Fault = "it belongs to the broken row above it";
            }

            return end;
        }
    }

    private int CutQuoted(int start)
    {
        var (at, quotes) = (start + 1, Quoting.Plain);
        while (true)
        {
            var found = _buffer.AsSpan(at, _filled - at).IndexOf('"');
            if (found < 0)
            {
                return _ended || _filled - _next >= LongestRecord ? Break(_filled, "a quote opens here and is never closed; a quote inside a quoted field is doubled") : -1;
            }

            at += found + 1;
            if (at == _filled && !_ended)
            {
                return -1;
            }

            if (at < _filled && _buffer[at] == '"')
            {
                (at, quotes) = (at + 1, Quoting.Doubled);
                continue;
            }

            if (at == _filled || _buffer[at] is '\r' or '\n' || IsSeparator(at))
            {
                _fields.Add(new Field(start + 1, at - start - 2, quotes));
                return at;
            }

            return Break(at, _buffer[at - 2] == '\\' && at - 2 > start
                ? "a quote is written as \\\"; inside a quoted field it is doubled (\"\")"
                : "text follows a closing quote; a quote inside a quoted field is doubled (\"\")");
        }
    }

    private int Break(int at, string fault)
    {
        _brokenTo = Math.Max(_brokenTo, _nextLine + LineBreaks(_buffer.AsSpan(_next, at - _next)) + 1);
        Fault = fault;
        return at;
    }

    // Goes behind the record; false when it is blank and passed over.
    private bool Finish(int end)
    {
        var (start, quoted) = (_next, false);
        for (var i = 0; i < _fields.Count; i++)
        {
            quoted |= _fields[i].Quotes != Quoting.None;
            if (_fields[i].Quotes == Quoting.Doubled)
            {
                _fields[i] = Undouble(_fields[i]);
            }
        }

        _nextLine += quoted ? LineBreaks(_buffer.AsSpan(start, end - start)) : 0;
        var blank = !quoted && _buffer.AsSpan(start, end - start).IsWhiteSpace();
        _next = end;
        PassLineEnd();
        return blank;
    }

    private Field Undouble(Field field)
    {
        var to = field.Start;
        for (var from = field.Start; from < field.Start + field.Length; from++)
        {
            _buffer[to++] = _buffer[from];
            from += _buffer[from] == '"' ? 1 : 0;
        }

        return field with { Length = to - field.Start, Quotes = Quoting.Plain };
    }

    private bool IsSeparator(int at) => _separator.Kind switch
    {
        SeparatorKind.Blanks => _buffer[at] is ' ' or '\t',
        SeparatorKind.Doubled => _buffer[at] == _separator.First && at + 1 < _filled && _buffer[at + 1] == _separator.First,
        _ => _buffer[at] == _separator.First,
    };

    private int PassBlanks(int at)
    {
        while (at < _filled && _buffer[at] is ' ' or '\t')
        {
            at++;
        }

        return at;
    }

    private void PassLine()
    {
        int found;
        while ((found = _buffer.AsSpan(_next, _filled - _next).IndexOfAny('\r', '\n')) < 0 && !_ended)
        {
            _next = _filled;
            Fill();
        }

        _next = found < 0 ? _filled : _next + found;
        PassLineEnd();
    }

    private void PassLineEnd()
    {
        _nextLine++;
        if (_next < _filled && _buffer[_next++] == '\r' && (_next < _filled || Fill()) && _buffer[_next] == '\n')
        {
            _next++;
        }
    }

    // A line ends with \n, \r\n or, in old files, \r.
    private static int LineBreaks(ReadOnlySpan<char> text)
    {
        var returns = text.Count('\r');
        return text.Count('\n') + returns - (returns == 0 ? 0 : text.Count("\r\n"));
    }

    // Makes sure that there is something to read, or more of it; false at the end of the text.
    private bool Fill(bool more = false)
    {
        if (_ended || (!more && _next < _filled))
        {
            return _next < _filled && !more;
        }

        var left = _filled - _next;
        if (left == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }
        else if (_next > 0)
        {
            _buffer.AsSpan(_next, left).CopyTo(_buffer);
        }

        (_next, _filled) = (0, left);
        var read = _text.ReadBlock(_buffer, _filled, _buffer.Length - _filled);
        (_filled, _ended) = (_filled + read, read < _buffer.Length - left);
        return more || _next < _filled;
    }

    private enum Quoting : byte
    {
        None,
        Plain,
        Doubled,
    }

    private readonly record struct Field(int Start, int Length, Quoting Quotes);
}
