using FedRec.Core.Learners.Networks;
using static TorchSharp.torch;

namespace FedRec.Core.Evaluation.Baselines.SelfAttention;

/// <summary>Sequences side by side, as the network reads them.</summary>
/// <remarks>Shorter ones are filled up at their end. Nothing looks ahead, so that what they are filled with does not matter and needs no mask.
/// Lives in the caller's dispose scope.</remarks>
internal sealed class SequenceBatch
{
    private readonly int[] _lengths;

    /// <summary>Lays sequences out.</summary>
    /// <param name="sequences">Items from the oldest to the newest, at least one of each.</param>
    public SequenceBatch(IReadOnlyList<ReadOnlyMemory<int>> sequences)
    {
        _lengths = [.. sequences.Select(items => items.Length)];
        (Count, Length) = (sequences.Count, _lengths.Max());
        var (items, places) = (new int[Count * Length], new int[Count * Length]);
        for (var row = 0; row < Count; row++)
        {
            sequences[row].Span.CopyTo(items.AsSpan(row * Length));
            for (var i = 0; i < _lengths[row]; i++)
            {
                places[(row * Length) + i] = _lengths[row] - 1 - i;
            }
        }

        (Items, Places) = (HostTensors.Rows(items), HostTensors.Rows(places));
    }

    /// <summary>Number of sequences.</summary>
    public int Count { get; }

    /// <summary>Items of the longest one.</summary>
    public int Length { get; }

    /// <summary>[count · length]: item numbers.</summary>
    public Tensor Items { get; }

    /// <summary>[count · length]: how many items of the sequence are newer.</summary>
    public Tensor Places { get; }

    /// <summary>Rows of all real items, sequence after sequence.</summary>
    public Tensor AllRows() => HostTensors.Rows([.. _lengths.SelectMany((length, row) => Enumerable.Range(row * Length, length))]);

    /// <summary>Row of each sequence's newest item.</summary>
    public Tensor LastRows() => HostTensors.Rows([.. _lengths.Select((length, row) => (row * Length) + length - 1)]);

    /// <summary>[length, length]: 0 where a row may look at a column, −∞ where that lies ahead.</summary>
    public Tensor Ahead()
    {
        var mask = zeros(Length, Length);
        var values = HostTensors.Values(mask);
        for (var row = 0; row < Length; row++)
        {
            values.Slice((row * Length) + row + 1, Length - row - 1).Fill(float.NegativeInfinity);
        }

        return mask;
    }
}
