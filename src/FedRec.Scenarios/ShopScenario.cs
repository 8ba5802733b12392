using FedRec.Core.Data;
using FedRec.Core.Randomness;

namespace FedRec.Scenarios;

/// <summary>Three companies know the same people and products, but one sees clicks, one browsing and one purchases.</summary>
/// <remarks>No company has an item of a person that another holds out: each draw of a person goes to one of the three.</remarks>
internal static class ShopScenario
{
    private const int People = 900, Products = 300, EventsOfPerson = 18, Day = 86_400;
    private static readonly (string Party, double Share)[] s_companies = [("browsing", 0.34), ("clicks", 0.36), ("purchases", 0.30)];

    public static Dataset Open(DatasetOptions options)
    {
        if (options.Path is not null)
        {
            var data = DatasetSource.Open(options with { Scenario = null });
            return data.Parties is not null ? data : throw new DatasetException(
                "The shop scenario compares companies, but the data names none.",
                "Give a folder with a folder of interactions for each company; fedrec data split writes such folders.", options.Path);
        }

        var (rows, taste) = (new GeneratedInteractions("shop (made up)"), new TasteModel(Products, options.SyntheticSeed));
        var titles = SyntheticTitles.Create(taste, options.SyntheticSeed);
        for (var product = 0; product < Products; product++)
        {
            rows.Describe($"p{product + 1}", titles[product], [SyntheticTitles.Tags(taste, product)[0]]);
        }

        for (var person = 0; person < People; person++)
        {
            AddPerson(rows, taste, person, SeedSequence.For(options.SyntheticSeed, "shop-person", person));
        }

        return rows.ToDataset(options);
    }

    private static void AddPerson(GeneratedInteractions rows, TasteModel taste, int person, SeededRandom random)
    {
        var time = (long)random.NextInt32(300 * Day);
        foreach (var draw in taste.DrawUser(EventsOfPerson, ref random))
        {
            time += 60 + random.NextInt32(Day);
            var party = Pick(random.NextDouble());
            rows.Add($"{party}/person-{person + 1}", $"p{draw.Item + 1}", time, party: party);
        }
    }

    private static string Pick(double chance)
    {
        foreach (var (party, share) in s_companies)
        {
            chance -= share;
            if (chance < 0)
            {
                return party;
            }
        }

        return s_companies[^1].Party;
    }
}
