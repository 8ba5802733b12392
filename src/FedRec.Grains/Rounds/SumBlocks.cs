using FedRec.Contracts.Rounds;
using FedRec.Core.Native;

namespace FedRec.Grains.Rounds;

/// <summary>Sends and fetches sums in blocks where they are too large for one message: Orleans closes a connection at 100 MB.</summary>
/// <param name="blockBytes">Largest block, at least 8.</param>
internal sealed class SumBlocks(int blockBytes)
{
    /// <summary>Whether a sum is sent ahead of its submission.</summary>
    public bool Stages(PartialSum sum) => sum.Values.Length > blockBytes;

    /// <summary>Offers a sum to a round; safe to retry.</summary>
    /// <param name="round">The round.</param>
    /// <param name="sum">The sum.</param>
    /// <param name="id">Names its blocks, the same at every attempt: so those that have arrived are not kept twice.</param>
    public async Task<UpdateReceipt> SubmitAsync(IRoundGrain round, PartialSum sum, Guid id)
    {
        if (!Stages(sum))
        {
            return await round.SubmitAsync(sum);
        }

        for (var offset = 0; offset < sum.Values.Length; offset += blockBytes)
        {
            var bytes = sum.Values.Slice(offset, Math.Min(blockBytes, sum.Values.Length - offset));
            await round.StageAsync(new SumBlock(id, offset, sum.Values.Length, bytes));
        }

        return await round.SubmitAsync(sum with { Values = default, Staged = id });
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
