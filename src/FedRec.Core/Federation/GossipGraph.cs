using System.Collections.Immutable;
using FedRec.Core.Randomness;

namespace FedRec.Core.Federation;

/// <summary>Who speaks to whom where there is no server.</summary>
/// <remarks>Models are mixed by Metropolis weights, 1 / (1 + the larger of two peers' degrees) for a neighbour and the rest for oneself (Xiao and Boyd 2004, eq. 18): rows and columns
/// add up to 1, so that mixing changes no average.</remarks>
public sealed class GossipGraph
{
    /// <summary>Each peer has the one before and the one after it.</summary>
    public const string Ring = "ring";

    /// <summary>Each peer has four others, drawn from the seed: two rings through all peers in random orders.</summary>
    public const string Random = "random";

    private readonly ImmutableArray<ImmutableArray<int>> _neighbours;

    private GossipGraph(IEnumerable<IEnumerable<int>> neighbours) => _neighbours = [.. neighbours.Select(own => own.Distinct().Order().ToImmutableArray())];

    /// <summary>Names of the graphs.</summary>
    public static IReadOnlyList<string> Names { get; } = [Ring, Random];

    /// <summary>Peers, numbered from 0.</summary>
    public int Peers => _neighbours.Length;

    /// <summary>Makes a graph; equal arguments give equal graphs. All of them hang together.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="peers">At least 1.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <exception cref="ArgumentException">There is no such graph.</exception>
    public static GossipGraph Create(string name, int peers, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(peers, 1);
        int[] inOrder = [.. Enumerable.Range(0, peers)];
        int[][] rings = name switch
        {
            Ring => [inOrder],
            Random => [Shuffled(inOrder, seed, 0), Shuffled(inOrder, seed, 1)],
            _ => throw new ArgumentException($"topology is {name}; it must be {string.Join(" or ", Names)}."),
        };
        var neighbours = inOrder.Select(_ => new HashSet<int>()).ToArray();
        foreach (var ring in rings)
        {
            for (var i = 0; i < peers; i++)
            {
                var (one, next) = (ring[i], ring[(i + 1) % peers]);
                if (one != next)
                {
                    neighbours[one].Add(next);
                    neighbours[next].Add(one);
                }
            }
        }

        return new GossipGraph(neighbours);
    }

    /// <summary>The peers that a peer speaks to, in order.</summary>
    public ImmutableArray<int> Neighbours(int peer) => _neighbours[peer];

    /// <summary>What a peer makes of its own model and its neighbours', where some take no part.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="takesPart">Whether each peer takes part; one that does not keeps its model.</param>
    /// <returns>Peers and their weights, which add up to 1; itself first.</returns>
    public IReadOnlyList<(int Peer, double Weight)> Weights(int peer, Func<int, bool> takesPart)
    {
        if (!takesPart(peer))
        {
            return [(peer, 1)];
        }

        var others = _neighbours[peer].Where(takesPart).Select(other => (Peer: other, Weight: 1.0 / (1 + Math.Max(Degree(peer, takesPart), Degree(other, takesPart))))).ToList();
        return [(peer, 1 - others.Sum(other => other.Weight)), .. others];
    }

    private int Degree(int peer, Func<int, bool> takesPart) => _neighbours[peer].Count(takesPart);

    private static int[] Shuffled(int[] peers, ulong seed, int number)
    {
        var (random, shuffled) = (SeedSequence.For(seed, "gossip", number), (int[])peers.Clone());
        for (var i = shuffled.Length - 1; i > 0; i--)
        {
            var other = random.NextInt32(i + 1);
            (shuffled[i], shuffled[other]) = (shuffled[other], shuffled[i]);
        }

        return shuffled;
    }
}
