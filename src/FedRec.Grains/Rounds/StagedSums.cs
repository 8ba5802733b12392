using FedRec.Contracts.Rounds;
using FedRec.Core.Aggregation;
using FedRec.Core.Native;

namespace FedRec.Grains.Rounds;

/// <summary>Blocks of sums that are not submitted yet. Nothing of them counts until they are, so a sender that crashes leaves no trace.</summary>
/// <param name="totalBytes">Bytes that a sum of the plan has; null where updates are kept one by one, or masked, which take what they take.</param>
internal sealed class StagedSums(long? totalBytes)
{
    private readonly Dictionary<Guid, (byte[] Values, HashSet<int> Offsets, int Received)> _sums = [];

    /// <summary>For sums of an aggregator.</summary>
    /// <param name="aggregator">Of the round.</param>
    /// <param name="length">Values of the update layout.</param>
    public static StagedSums For(IAggregator aggregator, int length) => new(aggregator is MeanAggregator ? sizeof(long) * (long)length : null);

    /// <summary>Sums in memory.</summary>
    public int Count => _sums.Count;

    /// <summary>Takes a block in; a repeated one changes nothing.</summary>
    /// <exception cref="ArgumentException">It is no block of a sum of the plan; nothing was taken in.</exception>
    public void Add(SumBlock block)
    {
        var bytes = totalBytes ?? block.TotalBytes;
        if (block.TotalBytes != bytes || block.Offset < 0 || block.Bytes.IsEmpty || block.Offset > bytes - block.Bytes.Length)
        {
            throw new ArgumentException($"Bytes {block.Offset} to {block.Offset + (long)block.Bytes.Length} of {block.TotalBytes} are no block of a sum of {bytes} bytes.", nameof(block));
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

/// <summary>Whoever collects sums: a round, or a region on the way to it.</summary>
internal readonly record struct SumTarget(Func<SumBlock, Task> StageAsync, Func<Guid, Task> UnstageAsync, Func<PartialSum, Task<UpdateReceipt>> SubmitAsync)
{
    /// <summary>A round.</summary>
    public static SumTarget Of(IRoundGrain round) => new(block => round.StageAsync(block), sum => round.UnstageAsync(sum), sum => round.SubmitAsync(sum));

    /// <summary>A region.</summary>
    public static SumTarget Of(IRegionGrain region) => new(region.StageAsync, region.UnstageAsync, region.SubmitAsync);
}

/// <summary>Sends and fetches sums in blocks where they are too large for one message: Orleans closes a connection at 100 MB.</summary>
/// <param name="blockBytes">Largest block, at least 8.</param>
internal sealed class SumBlocks(int blockBytes)
{
    /// <summary>Whether a sum is sent ahead of its submission.</summary>
    public bool Stages(PartialSum sum) => sum.Values.Length > blockBytes;

    /// <summary>Offers a sum to a round or a region; safe to retry.</summary>
    /// <param name="target">The round or region.</param>
    /// <param name="sum">The sum.</param>
    /// <param name="id">Names its blocks, the same at every attempt: so those that have arrived are not kept twice.</param>
    public async Task<UpdateReceipt> SubmitAsync(SumTarget target, PartialSum sum, Guid id)
    {
        if (!Stages(sum))
        {
            return await target.SubmitAsync(sum);
        }

        for (var offset = 0; offset < sum.Values.Length; offset += blockBytes)
        {
            var bytes = sum.Values.Slice(offset, Math.Min(blockBytes, sum.Values.Length - offset));
            await target.StageAsync(new SumBlock(id, offset, sum.Values.Length, bytes));
        }

        return await target.SubmitAsync(sum with { Values = default, Staged = id });
    }

    /// <summary>The result as it is sent: a large sum without its values.</summary>
    public RoundResult Envelope(RoundResult result) => result.Sum is { } sum && sum.Values.Length > blockBytes
        ? result with { Sum = sum with { Values = default }, SumBytes = sum.Values.Length }
        : result;

    /// <summary>The result with the values that did not come with it.</summary>
    /// <exception cref="InvalidOperationException">The round has lost its sum meanwhile; opening it again collects it again.</exception>
    public async Task<RoundResult> CompleteAsync(IRoundGrain round, RoundResult result)
    {
        if (result.SumBytes == 0)
        {
            return result;
        }

        LargeMemory.MakeRoom(result.SumBytes); // of the blocks that it was collected from
        var values = new byte[result.SumBytes];
        for (var offset = 0; offset < values.Length; offset += blockBytes)
        {
            var block = await round.ReadSumAsync(offset, Math.Min(blockBytes, values.Length - offset))
                ?? throw new InvalidOperationException("The round no longer holds its sum.");
            block.Bytes.CopyTo(values.AsMemory(offset));
        }

        return result with { Sum = result.Sum! with { Values = values }, SumBytes = 0 };
    }
}
