using FedRec.Core.Aggregation;
using FedRec.Core.Federation;
using FedRec.Core.Updates;

namespace FedRec.Core.Audits;

/// <summary>Keeps, for each client and item, what a server has seen that may tell whether the client has met the item.</summary>
/// <remarks>A sparse update is a list of rows: what a client has met, and negatives that it drew, which repeated rounds remove. Where negatives are so many that all rows are sent, their direction tells. Of masked words the same is kept, to show that it tells nothing.
/// Sums tell what everybody has met; and where it is known who took part in which, the difference between rounds with a client and those without it.</remarks>
/// <param name="clients">Clients that there are.</param>
/// <param name="items">Items of the catalogue.</param>
internal sealed class ItemEvidence(int clients, int items) : IServerView
{
    private readonly List<(HashSet<int> Clients, double[] Lengths)> _sums = [];
    private readonly int[] _seen = new int[clients];
    private readonly Dictionary<int, HashSet<int>> _maskedBytes = []; // by round
    private (UpdateLayout Layout, ItemPlaces Places)? _known;

    /// <summary>How often a client sent a row of an item that was not zero.</summary>
    public double[][] Rows { get; } = Empty(clients, items);

    /// <summary>How far its rows of an item went in the direction of what it has met.</summary>
    public double[][] Directions { get; } = Empty(clients, items);

    /// <summary>How long a client's values of an item were, all together.</summary>
    public double[][] Lengths { get; } = Empty(clients, items);

    /// <summary>The same of its masked words.</summary>
    public double[][] MaskedLengths { get; } = Empty(clients, items);

    /// <summary>Whether a block of some update had places of single items.</summary>
    public bool HasItems { get; private set; }

    /// <summary>Different numbers of bytes that masked updates of one round had, at most: one, if all were as long; 0 where none was masked. Rounds of different phases have updates of different lengths.</summary>
    public int MaskedSizes => _maskedBytes.Values.Select(sizes => sizes.Count).DefaultIfEmpty().Max();

    /// <summary>Whether a client took part at all.</summary>
    public bool Saw(int client) => _seen[client] > 0;

    /// <inheritdoc/>
    public void Sent(int round, int client, UpdateLayout layout, ClientUpdate update)
    {
        _seen[client]++;
        var (dense, lengths) = (new float[layout.Length], new double[items]);
        for (var segment = 0; segment < update.Values.SegmentCount; segment++)
        {
            update.Values.SegmentValues(segment).CopyTo(dense.AsSpan(update.Values.Offset(segment)));
        }

        PlacesOf(layout).AddSquares(dense, lengths);
        PlacesOf(layout).AddDirections(dense, Directions[client]);
        for (var item = 0; item < items; item++)
        {
            Lengths[client][item] += Math.Sqrt(lengths[item]);
            Rows[client][item] += lengths[item] > 0 ? 1 : 0;
        }
    }

    /// <inheritdoc/>
    public void Masked(int round, int client, UpdateLayout layout, ReadOnlySpan<byte> words)
    {
        (_maskedBytes.TryGetValue(round, out var sizes) ? sizes : _maskedBytes[round] = []).Add(words.Length);
        var lengths = new double[items];
        PlacesOf(layout).AddSquares(words, lengths);
        for (var item = 0; item < items; item++)
        {
            MaskedLengths[client][item] += Math.Sqrt(lengths[item]);
        }
    }

    /// <inheritdoc/>
    public void Closed(int round, IReadOnlyList<int> counted, UpdateLayout layout, IAggregate aggregate)
    {
        var lengths = new double[items];
        PlacesOf(layout).AddSquares(aggregate.Sum.Encoded.Span, lengths);
        _sums.Add(([.. counted], Array.ConvertAll(lengths, Math.Sqrt)));
    }

    /// <summary>How often rows were sent, and of those that were sent as often, their direction.</summary>
    public double[][] RowsThenDirections() => PerRound([.. Rows.Zip(Directions, (rows, directions) =>
    {
        var largest = Math.Max(directions.Max(Math.Abs), double.Epsilon) * 2.01; // less than a half, so that it decides between equals only
        return rows.Zip(directions, (row, direction) => row + (direction / largest)).ToArray();
    })]);

    /// <summary>Scores of each client divided by the rounds in which it was seen, so that clients can be compared.</summary>
    public double[][] PerRound(double[][] scores) => [.. scores.Select((own, client) => Array.ConvertAll(own, score => score / Math.Max(1, _seen[client])))];

    /// <summary>How long the items' values are in the sums: the same for all clients.</summary>
    public double[][] SumsAlone()
    {
        var mean = new double[items];
        Add(mean, _sums.Select(sum => sum.Lengths), 1);
        return [.. Enumerable.Repeat(mean, clients)];
    }

    /// <summary>How much longer they are in sums with a client than in sums without it.</summary>
    public double[][] SumsByPresence() => [.. Enumerable.Range(0, clients).Select(client =>
    {
        var difference = new double[items];
        Add(difference, _sums.Where(sum => sum.Clients.Contains(client)).Select(sum => sum.Lengths), 1);
        Add(difference, _sums.Where(sum => !sum.Clients.Contains(client)).Select(sum => sum.Lengths), -1);
        return difference;
    })];

    // The mean of some, times a sign.
    private static void Add(double[] to, IEnumerable<double[]> some, int sign)
    {
        var all = some.ToList();
        foreach (var lengths in all)
        {
            for (var item = 0; item < to.Length; item++)
            {
                to[item] += sign * lengths[item] / all.Count;
            }
        }
    }

    private ItemPlaces PlacesOf(UpdateLayout layout)
    {
        if (_known is not { } known || known.Layout != layout)
        {
            _known = known = (layout, new ItemPlaces(layout, items));
        }

        HasItems |= !known.Places.IsEmpty;
        return known.Places;
    }

    private static double[][] Empty(int clients, int items) => [.. Enumerable.Range(0, clients).Select(_ => new double[items])];
}
