using System.Globalization;
using System.Text;
using FedRec.Core.Randomness;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Data.Behaviours;

/// <summary>People who look at many products and buy a few of those they like: a seeded shop, as one file or as two parties.</summary>
/// <remarks>Everybody views 20 products by taste and 10 at random, and buys half of the liked ones, two at least.</remarks>
internal static class MadeShop
{
    private const int People = 400, Products = 300, Wanted = 20, Accidents = 10;

    /// <summary>All events in one file.</summary>
    public static string Write(TempFolder folder, ulong seed) => folder.Write($"shop-{seed}.csv", Text(Events(seed)));

    /// <summary>A party that knows what people bought and one that knows what the same people viewed, but for what each bought last.</summary>
    public static string WriteParties(TempFolder folder, ulong seed)
    {
        var events = Events(seed).ToList();
        var last = events.Where(e => e.Kind == "purchase").GroupBy(e => e.Person).ToDictionary(group => group.Key, group => group.MaxBy(e => e.Time).Product);
        var root = Directory.CreateDirectory(Path.Combine(folder.Path, $"parties-{seed}")).FullName;
        foreach (var (name, kind) in new[] { ("bought", "purchase"), ("viewed", "view") })
        {
            Directory.CreateDirectory(Path.Combine(root, name));
            File.WriteAllText(Path.Combine(root, name, "interactions.csv"), Text(events.Where(e => e.Kind == kind && (kind == "purchase" || last[e.Person] != e.Product))));
        }

        return root;
    }

    private static IEnumerable<(int Person, int Product, long Time, string Kind)> Events(ulong seed)
    {
        var taste = new TasteModel(Products, seed);
        for (var person = 0; person < People; person++)
        {
            var random = SeedSequence.For(seed, "made-shop", person);
            var wanted = taste.DrawUser(Wanted, ref random);
            var liked = wanted.Where(draw => draw.Rating >= 4).Select(draw => draw.Item).ToArray();
            random.Shuffle<int>(liked);
            var bought = (liked.Length < 4 ? wanted.Select(draw => draw.Item).Take(2) : liked.Take(liked.Length / 2)).ToHashSet();
            var seen = wanted.Select(draw => draw.Item).ToList();
            for (var i = 0; i < Accidents; i++)
            {
                seen.Add(random.NextInt32(Products));
            }

            var order = seen.ToArray();
            random.Shuffle<int>(order);
            for (var i = 0; i < order.Length; i++)
            {
                yield return (person, order[i], (100 * i) + 1, "view");
                if (bought.Remove(order[i]))
                {
                    yield return (person, order[i], (100 * i) + 50, "purchase");
                }
            }
        }
    }

    private static string Text(IEnumerable<(int Person, int Product, long Time, string Kind)> events)
    {
        var text = new StringBuilder("user,item,timestamp,kind\n");
        foreach (var (person, product, time, kind) in events)
        {
            text.Append(CultureInfo.InvariantCulture, $"person-{person},p{product},{time},{kind}\n");
        }

        return text.ToString();
    }
}
