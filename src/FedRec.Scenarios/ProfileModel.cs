using FedRec.Core.Data;
using FedRec.Core.Randomness;

namespace FedRec.Scenarios;

/// <summary>What goes together in a field: people of a profile tend to have some facts and to take some items.</summary>
/// <param name="Facts">Context titles, such as diagnoses.</param>
/// <param name="Items">Titles of what is recommended, with their kinds.</param>
internal sealed record Profile(IReadOnlyList<string> Facts, IReadOnlyList<(string Title, string Kind)> Items);

/// <summary>Makes up people with one to three profiles, at parties that see some profiles more often than others.</summary>
/// <param name="profiles">What goes together.</param>
/// <param name="common">Items that everybody may have.</param>
/// <param name="factKind">What a fact is called in one word.</param>
/// <param name="parties">The parties' names.</param>
internal sealed class ProfileModel(IReadOnlyList<Profile> profiles, IReadOnlyList<(string Title, string Kind)> common, string factKind, IReadOnlyList<string> parties)
{
    private const int Hour = 3_600;
    private const double FactChance = 0.8;
    private const double ItemChance = 0.6;
    private const double CommonChance = 0.3;
    private const double NoiseChance = 0.04; // of an item of another profile
    private const double Speciality = 4; // how much more often a party sees the profiles that it is known for

    /// <summary>Adds people; everyone has at least two items, so that one can be held out.</summary>
    /// <param name="rows">Where they go.</param>
    /// <param name="people">How many.</param>
    /// <param name="seed">Equal seeds make equal people.</param>
    /// <param name="prefix">Begins every person's id.</param>
    public void AddPeople(GeneratedInteractions rows, int people, ulong seed, string prefix)
    {
        foreach (var (title, kind) in profiles.SelectMany(profile => profile.Items).Concat(common))
        {
            rows.Describe(title, title, [kind]);
        }

        foreach (var fact in profiles.SelectMany(profile => profile.Facts))
        {
            rows.Describe(fact, fact, [factKind], isContext: true);
        }

        for (var person = 0; person < people; person++)
        {
            var random = SeedSequence.For(seed, "scenario-person", person);
            AddPerson(rows, person % parties.Count, $"{prefix}{person + 1}", ref random);
        }
    }

    private void AddPerson(GeneratedInteractions rows, int party, string id, ref SeededRandom random)
    {
        var own = DrawProfiles(party, ref random);
        var items = new List<string>();
        for (var p = 0; p < profiles.Count; p++)
        {
            foreach (var (title, _) in profiles[p].Items)
            {
                AddBy(own.Contains(p) ? ItemChance : NoiseChance, title, items, ref random);
            }
        }

        foreach (var (title, _) in common)
        {
            AddBy(CommonChance, title, items, ref random);
        }

        foreach (var title in own.SelectMany(p => profiles[p].Items).Concat(common).Select(item => item.Title))
        {
            if (items.Count < 3 && !items.Contains(title))
            {
                items.Add(title);
            }
        }

        random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(items)); // which one comes last, and is held out, is chance
        foreach (var fact in own.SelectMany(p => profiles[p].Facts).Distinct())
        {
            if (random.NextDouble() < FactChance)
            {
                rows.Add(id, fact, 0, party: parties[party]);
            }
        }

        for (var i = 0; i < items.Count; i++)
        {
            rows.Add(id, items[i], (i + 1) * Hour, party: parties[party]);
        }
    }

    private HashSet<int> DrawProfiles(int party, ref SeededRandom random)
    {
        var weights = Enumerable.Range(0, profiles.Count).Select(p => p % parties.Count == party ? Speciality : 1).ToArray();
        var draws = new WeightedItems([.. Enumerable.Range(0, profiles.Count)], weights);
        var own = new HashSet<int>();
        for (var draw = 1 + random.NextInt32(3); draw > 0; draw--)
        {
            own.Add(draws.Draw(ref random));
        }

        return own;
    }

    private static void AddBy(double chance, string title, List<string> items, ref SeededRandom random)
    {
        if (random.NextDouble() < chance && !items.Contains(title))
        {
            items.Add(title);
        }
    }
}
