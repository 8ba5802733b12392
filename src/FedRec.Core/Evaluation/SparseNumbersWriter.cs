namespace FedRec.Core.Evaluation;

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
