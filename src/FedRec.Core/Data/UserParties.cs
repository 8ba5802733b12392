namespace FedRec.Core.Data;

/// <summary>Which party holds which user. A person known to several parties is a user of each of them.</summary>
public sealed class UserParties
{
    private readonly int[] _partyOf;

    /// <summary>Takes over the arrays, which must not change afterwards.</summary>
    /// <param name="names">The parties' names, each once.</param>
    /// <param name="partyOf">The party of each user, as a position in <paramref name="names"/>.</param>
    /// <exception cref="ArgumentException">A name comes twice, a party holds nobody, or a position is out of range.</exception>
    public UserParties(IReadOnlyList<string> names, int[] partyOf)
    {
        (Names, _partyOf) = (names, partyOf);
        if (names.Distinct(StringComparer.Ordinal).Count() < names.Count)
        {
            throw new ArgumentException($"A party is named twice: {string.Join(", ", names)}.", nameof(names));
        }

        var held = partyOf.Distinct().Order().ToArray();
        if (!held.SequenceEqual(Enumerable.Range(0, names.Count)))
        {
            throw new ArgumentException($"The users name the parties [{string.Join(", ", held)}]; each of 0 to {names.Count - 1} must hold at least one user.", nameof(partyOf));
        }
    }

    /// <summary>The parties' names; a party's number is its position.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Number of users.</summary>
    public int UserCount => _partyOf.Length;

    /// <summary>The number of the party that holds a user.</summary>
    public int Of(int user) => _partyOf[user];
}
