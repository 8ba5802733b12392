namespace FedRec.Core.Data.Readers;

/// <summary>The part of a text that is in memory: at least the record that is being cut, and the line it begins at.</summary>
/// <remarks>Positions count from the start of that part. They hold until more of the text is read.</remarks>
internal sealed class RecordText : IDisposable
{
    private readonly TextReader _text;
    private char[] _buffer;

    /// <summary>Takes over the reader.</summary>
    /// <param name="text">What is left of the text.</param>
    /// <param name="head">What was read of it already.</param>
    public RecordText(TextReader text, ReadOnlySpan<char> head)
    {
        (_text, _buffer, End) = (text, new char[Math.Max(1 << 16, head.Length)], head.Length);
        head.CopyTo(_buffer);
    }

    /// <summary>Where the next record begins.</summary>
    public int Start { get; private set; }

    /// <summary>The position behind what is in memory.</summary>
    public int End { get; private set; }

    /// <summary>Whether the text ends there.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>The line of the next record, from 1.</summary>
    public long Line { get; private set; } = 1;

    /// <summary>One character.</summary>
    public char this[int at] => _buffer[at];

    /// <summary>All characters from a position on.</summary>
    public ReadOnlySpan<char> From(int at) => _buffer.AsSpan(at, End - at);

    /// <summary>Characters that may be changed in place.</summary>
    public Span<char> Slice(int at, int length) => _buffer.AsSpan(at, length);

    /// <summary>Makes sure that there is something to read, or more of it.</summary>
    /// <returns>False at the end of the text.</returns>
    public bool Fill(bool more = false)
    {
        if (HasEnded || (!more && Start < End))
        {
            return Start < End && !more;
        }

        var left = End - Start;
        if (left == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }
        else if (Start > 0)
        {
            _buffer.AsSpan(Start, left).CopyTo(_buffer);
        }

        var read = _text.ReadBlock(_buffer, left, _buffer.Length - left);
        (Start, End, HasEnded) = (0, left + read, read < _buffer.Length - left);
        return more || Start < End;
    }

    /// <summary>Goes behind the present line, whatever is in it.</summary>
    public void PassLine()
    {
        int found;
        while ((found = From(Start).IndexOfAny('\r', '\n')) < 0 && !HasEnded)
        {
            Start = End;
            Fill();
        }

        Pass(found < 0 ? End : Start + found, lineBreaks: 0);
    }

    /// <summary>Goes behind the end of the line at a position.</summary>
    /// <param name="end">There, or at the end of the text.</param>
    /// <param name="lineBreaks">Line ends that were passed on the way.</param>
    public void Pass(int end, int lineBreaks)
    {
        (Start, Line) = (end, Line + lineBreaks + 1);
        if (Start < End && _buffer[Start++] == '\r' && (Start < End || Fill()) && _buffer[Start] == '\n')
        {
            Start++;
        }
    }

    /// <summary>Ends of lines in a text: \n, \r\n or, in old files, \r.</summary>
    public static int LineBreaks(ReadOnlySpan<char> text)
    {
        var returns = text.Count('\r');
        return text.Count('\n') + returns - (returns == 0 ? 0 : text.Count("\r\n"));
    }

    /// <inheritdoc/>
    public void Dispose() => _text.Dispose();
}
