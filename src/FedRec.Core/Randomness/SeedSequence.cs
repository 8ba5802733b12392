namespace FedRec.Core.Randomness;

/// <summary>Derives independent random streams from one seed, so that a draw depends on what it is for and not on who ran before.</summary>
/// <remarks>SplitMix64 (Steele, Lea and Flood 2014) mixes the words; equal words give the same stream on every machine.</remarks>
public static class SeedSequence
{
    /// <summary>The stream of one client in one round.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="round">Round from 1.</param>
    /// <param name="client">Client number from 0.</param>
    public static SeededRandom For(ulong seed, int round, int client) => new(Mix(Mix(Mix(seed) ^ (uint)round) ^ (uint)client));

    /// <summary>The stream of one purpose, such as the cohort of a round.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="purpose">Name of the purpose; different names give independent streams.</param>
    /// <param name="number">Round or other number within the purpose.</param>
    public static SeededRandom For(ulong seed, string purpose, int number = 0)
    {
        var state = Mix(seed);
        foreach (var letter in purpose)
        {
            state = Mix(state ^ letter);
        }

        return new SeededRandom(Mix(state ^ (uint)number));
    }

    /// <summary>One SplitMix64 output for a state.</summary>
    internal static ulong Mix(ulong state)
    {
        var z = unchecked(state + 0x9E3779B97F4A7C15UL);
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EBUL);
        return z ^ (z >> 31);
    }
}
