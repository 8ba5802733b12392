namespace FedRec.Core.Evaluation.Metrics;

/// <summary>Writes an array that is mostly zero: for each other number its distance from the one before, then itself, both as
/// seven bits per byte (LEB128). The length of the array comes first, so that a reader notices another shape.</summary>
internal static class SparseNumbersWriter
{
    public static byte[] Write(ReadOnlySpan<ulong> numbers)
    {
        var bytes = new List<byte>();
        Write(bytes, (ulong)numbers.Length);
        var last = -1;
        for (var i = 0; i < numbers.Length; i++)
        {
            if (numbers[i] != 0)
            {
                Write(bytes, (ulong)(i - last));
                Write(bytes, numbers[i]);
                last = i;
            }
        }

        return [.. bytes];
    }

    private static void Write(List<byte> bytes, ulong number)
    {
        for (; number >= 0x80; number >>= 7)
        {
            bytes.Add((byte)(number | 0x80));
        }

        bytes.Add((byte)number);
    }
}

/// <summary>Reads what <see cref="SparseNumbersWriter"/> wrote.</summary>
internal ref struct SparseNumbersReader
{
    private readonly int _length;
    private ReadOnlySpan<byte> _rest;
    private int _index = -1;

    public SparseNumbersReader(ReadOnlySpan<byte> bytes, int length)
    {
        _rest = bytes;
        _length = length;
        var written = ReadNumber();
        if (written != (ulong)length)
        {
            throw new InvalidDataException($"Sums of {written} numbers do not fit {length}.");
        }
    }

    /// <summary>Reads the next number that is not zero.</summary>
    public bool Read(out int index, out ulong number)
    {
        (index, number) = (_length, 0);
        if (_rest.IsEmpty)
        {
            return false;
        }

        var distance = ReadNumber();
        if (distance == 0 || distance >= (ulong)(_length - _index))
        {
            throw new InvalidDataException($"A number stands {distance} places after number {_index} of {_length}.");
        }

        _index += (int)distance;
        (index, number) = (_index, ReadNumber());
        return true;
    }

    private ulong ReadNumber()
    {
        var number = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_rest.IsEmpty)
            {
                throw new InvalidDataException("The sums end in the middle of a number.");
            }

            var next = _rest[0];
            _rest = _rest[1..];
            number |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return number;
            }
        }

        throw new InvalidDataException("A number of the sums is longer than 64 bits.");
    }
}
