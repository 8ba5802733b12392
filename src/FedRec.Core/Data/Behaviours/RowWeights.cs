using System.Globalization;

namespace FedRec.Core.Data.Behaviours;

/// <summary>The training weight of each row of a log with kinds.</summary>
internal sealed class RowWeights
{
    private readonly InteractionLog _log;
    private readonly KindWeights _kinds;
    private readonly float[] _weights;

    private RowWeights(InteractionLog log, KindWeights kinds)
    {
        (_log, _kinds, _weights) = (log, kinds, new float[log.Count]);
        for (var row = 0; row < _weights.Length; row++)
        {
            _weights[row] = kinds[log.KindColumn[row]];
        }
    }

    /// <summary>The weights of the rows; null when the log has no kinds.</summary>
    /// <exception cref="ArgumentException">The text is not of the form of <see cref="KindWeights.Parse"/>, or there are no kinds to weight.</exception>
    public static RowWeights? Of(InteractionLog log, string? text)
    {
        if (!log.KindColumn.IsEmpty)
        {
            return new RowWeights(log, KindWeights.Parse(text, Strongest(log.KindColumn)));
        }

        return text is null ? null : throw new ArgumentException(
            $"The kind weights '{text}' need data with kinds of events, but its rows have no column such as kind, event or behaviour; leave the weights out, or add the column.", nameof(text));
    }

    /// <summary>What the rows count, for <see cref="UserRows.Pack"/>; empty when every training row counts 1, so that it trains as without kinds.</summary>
    public ReadOnlySpan<float> Column(ReadOnlySpan<InteractionSplit> splits)
    {
        for (var row = 0; row < _weights.Length; row++)
        {
            if (splits[row] == InteractionSplit.Train && _weights[row] != 1)
            {
                return _weights;
            }
        }

        return [];
    }

    /// <summary>A row that stays counts at least as much as one that is merged into it.</summary>
    public void Merge(int merged, int into) => _weights[into] = Math.Max(_weights[into], _weights[merged]);

    /// <summary>Whether a row counts nothing in training.</summary>
    public bool CountsNothing(int row) => _weights[row] == 0;

    /// <summary>Takes what counts nothing out of training; what is held out is held out under any weights.</summary>
    /// <exception cref="ArgumentException">Nothing is left for training.</exception>
    public void LeaveOut(Span<InteractionSplit> splits)
    {
        for (var row = 0; row < _weights.Length; row++)
        {
            if (_weights[row] == 0 && splits[row] == InteractionSplit.Train)
            {
                splits[row] = InteractionSplit.LeftOut;
            }
        }

        if (splits.Contains(InteractionSplit.LeftOut) && !splits.Contains(InteractionSplit.Train))
        {
            throw new ArgumentException("The kind weights leave no interaction for training: every kind that occurs weighs 0; give one of them a weight above 0.");
        }
    }

    /// <summary>Events and interactions of each kind that occurs.</summary>
    public IReadOnlyList<KindCount> Count(ReadOnlySpan<InteractionSplit> splits)
    {
        var (events, kept) = (new long[EventKinds.All.Length], new long[EventKinds.All.Length]);
        for (var row = 0; row < splits.Length; row++)
        {
            var kind = (int)_log.KindColumn[row];
            events[kind]++;
            kept[kind] += splits[row] == InteractionSplit.Merged ? 0 : 1;
        }

        return [.. EventKinds.All.Where(kind => events[(int)kind] > 0).Select(kind => new KindCount(EventKinds.NameOf(kind), events[(int)kind], kept[(int)kind], _kinds[kind]))];
    }

    /// <summary>The weights in words, for the protocol: <c>view 0.25, purchase 1</c>.</summary>
    public string Words(ReadOnlySpan<InteractionSplit> splits) =>
        string.Join(", ", Count(splits).Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Kind} {count.Weight:0.###}")));

    private static EventKind Strongest(ReadOnlySpan<EventKind> kinds)
    {
        var strongest = EventKind.View;
        foreach (var kind in kinds)
        {
            strongest = kind > strongest ? kind : strongest;
        }

        return strongest;
    }
}
