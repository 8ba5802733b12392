using FedRec.Contracts.Rounds;

namespace FedRec.Grains.Rounds;

/// <summary>Blocks of sums that are not submitted yet. Nothing of them counts until they are, so a sender that crashes leaves no trace.</summary>
/// <param name="totalBytes">Bytes that a sum of the plan has.</param>
internal sealed class StagedSums(long totalBytes)
{
    private readonly Dictionary<Guid, (byte[] Values, HashSet<int> Offsets, int Received)> _sums = [];

    /// <summary>Sums in memory.</summary>
    public int Count => _sums.Count;

    /// <summary>Takes a block in; a repeated one changes nothing.</summary>
    /// <exception cref="ArgumentException">It is no block of a sum of the plan; nothing was taken in.</exception>
    public void Add(SumBlock block)
    {
        if (block.TotalBytes != totalBytes || block.Offset < 0 || block.Bytes.IsEmpty || block.Offset > totalBytes - block.Bytes.Length)
        {
            throw new ArgumentException($"Bytes {block.Offset} to {block.Offset + (long)block.Bytes.Length} of {block.TotalBytes} are no block of a sum of {totalBytes} bytes.", nameof(block));
        }

        var (values, offsets, received) = _sums.TryGetValue(block.Sum, out var known) ? known : (new byte[block.TotalBytes], [], 0);
        block.Bytes.CopyTo(values.AsMemory(block.Offset));
        _sums[block.Sum] = (values, offsets, offsets.Add(block.Offset) ? received + block.Bytes.Length : received);
    }

    /// <summary>Gives a sum the values that were sent ahead.</summary>
    /// <returns>The sum, which is the same when nothing was sent ahead; null when blocks are missing.</returns>
    public PartialSum? Complete(PartialSum sum)
    {
        if (sum.Staged == Guid.Empty)
        {
            return sum;
        }

        return _sums.TryGetValue(sum.Staged, out var staged) && staged.Received == staged.Values.Length
            ? sum with { Values = staged.Values, Staged = Guid.Empty }
            : null;
    }

    /// <summary>Forgets a sum that was submitted, or that its sender has given up.</summary>
    public void Remove(Guid sum) => _sums.Remove(sum);

    /// <summary>Forgets all sums: nothing is counted any more.</summary>
    public void Clear() => _sums.Clear();
}
