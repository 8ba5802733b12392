using System.Collections.Immutable;
using FedRec.Core.Randomness;

namespace FedRec.Core.Privacy.SecureAggregation;

/// <summary>How many clients may be against the others, and how many may go away, in a round of more than 100; a round of fewer withstands a third of each.</summary>
public enum GraphStrength
{
    /// <summary>5 % listen together with the server, 10 % go away.</summary>
    OneInTwenty,

    /// <summary>10 % listen together with the server, 20 % go away.</summary>
    OneInTen,

    /// <summary>20 % listen together with the server, 30 % go away.</summary>
    OneInFive,
}

/// <summary>With whom each client has masks in common, and who holds shares of its secrets: everybody up to 100 clients, and above so many neighbours as keep everybody connected whatever happens.</summary>
/// <remarks>
/// Bell et al. 2020, ePrint 2020/704: the clients stand in a circle in random order, and each has the k/2 next ones on either side as neighbours (a Harary graph). The order follows from randomness that everybody knows, so that each
/// client can see for itself who its neighbours are; it must not be known before it is settled who takes part. Neighbours and threshold above 100 clients are such that an honest but curious server sees more than a sum with
/// a chance below 2⁻⁴⁰, and a round fails with one below 2⁻²⁰: those of 200, 1,000 or 10,000 clients, whichever is next above.
/// Everybody also holds a share of its own secrets, as in Bonawitz et al. 2017.
/// </remarks>
public sealed class NeighbourGraph
{
    /// <summary>Most clients who all know each other.</summary>
    public const int MostComplete = 100;

    /// <summary>Fewest clients whose sum hides any of them.</summary>
    public const int Fewest = 3;

    /// <summary>Most clients.</summary>
    public const int Most = 10_000;

    private static readonly (int Clients, int Degree, int Threshold)[][] s_table =
    [
        [(200, 28, 15), (1_000, 36, 19), (Most, 42, 22)],
        [(200, 52, 27), (1_000, 76, 39), (Most, 94, 48)],
        [(200, 96, 49), (1_000, 174, 88), (Most, 232, 117)],
    ];

    private readonly ImmutableArray<int> _numbers;
    private readonly int[] _circle = []; // numbers in the order in which they stand
    private readonly Dictionary<int, int> _places = []; // where each stands

    /// <summary>The graph of some clients.</summary>
    /// <param name="numbers">Of the clients, ascending, none twice.</param>
    /// <param name="randomness">32 bytes that everybody knows; not used up to 100 clients.</param>
    /// <param name="strength">Default: <see cref="GraphStrength.OneInTen"/>; not used up to 100 clients.</param>
    /// <exception cref="ArgumentException">Fewer than <see cref="Fewest"/> clients, or more than <see cref="Most"/>.</exception>
    public NeighbourGraph(ImmutableArray<int> numbers, ReadOnlySpan<byte> randomness, GraphStrength strength = GraphStrength.OneInTen)
    {
        _numbers = numbers.Length is >= Fewest and <= Most ? numbers : throw new ArgumentException(
            $"Secure aggregation is for {Fewest} to {Most} clients, and not for {numbers.Length}: the sum of two tells each what the other has sent.", nameof(numbers));
        Quorum = QuorumOf(numbers.Length);
        if (numbers.Length <= MostComplete)
        {
            (Degree, Threshold) = (numbers.Length - 1, Quorum);
            return;
        }

        (_, Degree, Threshold) = Array.Find(s_table[(int)strength], row => row.Clients >= numbers.Length);
        _circle = Shuffled(numbers, randomness);
        _places = _circle.Select((number, place) => (number, place)).ToDictionary(one => one.number, one => one.place);
    }

    /// <summary>Neighbours of each client.</summary>
    public int Degree { get; }

    /// <summary>Shares that give a secret back.</summary>
    public int Threshold { get; }

    /// <summary>Clients that must be there at every step: more than two thirds.</summary>
    public int Quorum { get; }

    /// <summary><see cref="Quorum"/> of so many clients.</summary>
    public static int QuorumOf(int clients) => (2 * clients / 3) + 1;

    /// <summary>Who holds shares of a client's secrets: its neighbours and itself, ascending. Whoever holds shares of one has shares held by that one.</summary>
    /// <param name="number">Of a client of the graph.</param>
    public ImmutableArray<int> HoldersOf(int number) =>
        _circle.Length == 0 ? _numbers : [.. Enumerable.Range(_places[number] - (Degree / 2), Degree + 1).Select(place => _circle[(place + _circle.Length) % _circle.Length]).Order()];

    // Fisher and Yates, with draws that are exactly even: a remainder that would favour some is drawn again.
    private static int[] Shuffled(ImmutableArray<int> numbers, ReadOnlySpan<byte> randomness)
    {
        using var stream = new SecretKey(randomness).Stream("FedRec/SecAgg/graph");
        int[] circle = [.. numbers];
        for (var last = circle.Length - 1; last > 0; last--)
        {
            var bound = (ulong)last + 1;
            var draw = stream.NextUInt64();
            while (draw >= ulong.MaxValue - (ulong.MaxValue % bound))
            {
                draw = stream.NextUInt64();
            }

            var at = (int)(draw % bound);
            (circle[last], circle[at]) = (circle[at], circle[last]);
        }

        return circle;
    }
}
