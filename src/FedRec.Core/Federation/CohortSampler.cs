using System.Collections.Immutable;
using FedRec.Core.Training;

namespace FedRec.Core.Federation;

/// <summary>Draws the cohort of a round.</summary>
public static class CohortSampler
{
    /// <summary>Draws without replacement; every set of that size is equally likely.</summary>
    /// <param name="clients">Clients of the federation, numbered from 0.</param>
    /// <param name="size">Clients wanted; 0, or more than there are, takes all of them in order.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="round">The round, from 1.</param>
    /// <returns>Client numbers in ascending order.</returns>
    /// <remarks>Floyd's algorithm (Bentley and Floyd 1987): cost follows the cohort, not the population.</remarks>
    public static ImmutableArray<int> Draw(int clients, int size, ulong seed, int round)
    {
        if (size <= 0 || size >= clients)
        {
            return [.. Enumerable.Range(0, clients)];
        }

        var random = SeedSequence.For(seed, "cohort", round);
        var chosen = new HashSet<int>(size);
        for (var last = clients - size; last < clients; last++)
        {
            var candidate = random.NextInt32(last + 1);
            chosen.Add(chosen.Contains(candidate) ? last : candidate);
        }

        return [.. chosen.Order()];
    }
}
