using FedRec.Core.Data;
using FedRec.Core.Randomness;

namespace FedRec.Scenarios;

/// <summary>Interactions without any structure: every user takes items at random, so that nothing can be learnt.</summary>
/// <remarks>An honest evaluation puts every recommender at chance here; a leak of held-out items shows at once.</remarks>
public static class NoiseData
{
    /// <summary>Makes the rows.</summary>
    /// <param name="users">At least 1.</param>
    /// <param name="items">At least 2.</param>
    /// <param name="perUser">Items of each user, different ones; 1 to <paramref name="items"/>.</param>
    /// <param name="seed">Equal seeds give equal rows.</param>
    /// <param name="rated">Whether each interaction has a rating, 1 to 5 at random. Default: false.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of range.</exception>
    public static GeneratedInteractions Create(int users, int items, int perUser, ulong seed, bool rated = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(users, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(items, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(perUser, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(perUser, items);
        var rows = new GeneratedInteractions("noise");
        var order = Enumerable.Range(0, items).ToArray();
        for (var user = 0; user < users; user++)
        {
            var random = SeedSequence.For(seed, "noise-user", user);
            random.Shuffle(order.AsSpan());
            for (var i = 0; i < perUser; i++)
            {
                rows.Add($"u{user + 1}", $"i{order[i] + 1}", i, rated ? 1 + random.NextInt32(5) : null);
            }
        }

        return rows;
    }
}
