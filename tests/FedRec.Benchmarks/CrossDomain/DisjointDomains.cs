using FedRec.Core.Data;
using FedRec.Core.Randomness;

namespace FedRec.Benchmarks.CrossDomain;

/// <summary>Two domains that share nothing but what is known of items: half of the users with half of the items, both drawn, are the source, and the
/// other users with the other items the target.</summary>
/// <remarks>Each target user's last item by time is held out. A third of the users with at least four items there are cold: they take no part in
/// training, and bring none or a few of their other items when they are served. Those who bring fewer bring some of the same; what they do
/// not bring nobody knows of, so it stays a candidate.</remarks>
internal sealed class DisjointDomains
{
    /// <summary>Items that cold users bring at most, unless they bring all.</summary>
    public const int MostKept = 3;

    private readonly Dataset _target;
    private readonly HashSet<int> _cold;
    private readonly ulong _seed;

    /// <summary>Draws the domains and the cold users.</summary>
    /// <exception cref="ArgumentException">The data has no times or no item features, or hardly any user could be cold.</exception>
    public DisjointDomains(Dataset all, ulong seed)
    {
        NumberedRows.ThrowWithoutTimes(all);
        if (all.ItemFeatures is null)
        {
            throw new ArgumentException($"The items of {all.Name} have no tags, by which a model of other items could be of use: put a list with genres or other tags beside the interactions.");
        }

        var inSource = DomainCut.Half(all.Items.Count, seed);
        int[] users = [.. Enumerable.Range(0, all.Users.Count)];
        var random = SeedSequence.For(seed, "domain-users");
        random.Shuffle<int>(users);
        _seed = seed;
        Source = Open(all, users[..(users.Length / 2)], item => inSource[item], holdOut: false, seed);
        _target = Open(all, users[(users.Length / 2)..], item => !inSource[item], holdOut: true, seed);
        int[] able = [.. Enumerable.Range(0, _target.Users.Count).Where(user => _target.Train.Items(user).Length >= MostKept)];
        random.Shuffle<int>(able);
        _cold = able.Length > 29 ? [.. able.Take(able.Length / 3)] : throw new ArgumentException(
            $"Only {able.Length} users of the target domain of {all.Name} have enough items to be cold: give data with more of them.");
    }

    /// <summary>The other domain, of which nothing is held out.</summary>
    public Dataset Source { get; }

    /// <summary>The cold users of the target domain.</summary>
    public IReadOnlyCollection<int> Cold => _cold;

    /// <summary>What was drawn, in words.</summary>
    public string Summary =>
        $"{Source.Users.Count} source users with {Source.Items.Count} items, {_target.Users.Count} target users with {_target.Items.Count}, {_cold.Count} of them cold";

    /// <summary>The target domain, with none of the cold users' items to train on, or some of them to serve them by. Numbers of users and items are always the same.</summary>
    /// <param name="kept">Items of each cold user, drawn.</param>
    public Dataset Target(int kept)
    {
        var (offsets, items) = (new List<int> { 0 }, new List<int>());
        for (var user = 0; user < _target.Users.Count; user++)
        {
            items.AddRange(_cold.Contains(user) ? Drawn(user).Take(kept).Order() : _target.Train.Items(user).ToArray());
            offsets.Add(items.Count);
        }

        return _target with { Train = new UserItems([.. offsets], [.. items]) };
    }

    private int[] Drawn(int user)
    {
        var own = _target.Train.Items(user).ToArray();
        var random = SeedSequence.For(_seed, "kept", user);
        random.Shuffle<int>(own);
        return own;
    }

    private static Dataset Open(Dataset all, int[] users, Func<int, bool> inDomain, bool holdOut, ulong seed)
    {
        var rows = new NumberedRows();
        foreach (var user in users.Order())
        {
            int[] own = [.. NumberedRows.InOrder(all, user, seed).Where(inDomain)];
            for (var i = 0; i < own.Length; i++)
            {
                rows.Add(user, own[i], heldOut: holdOut && i > 0 && i == own.Length - 1);
            }
        }

        return rows.Open(all.Catalogue);
    }
}
