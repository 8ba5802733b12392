using FedRec.Core.Randomness;

namespace FedRec.Scenarios;

/// <summary>One item a synthetic user took, and how much it was liked.</summary>
internal readonly record struct TasteDraw(int Item, float Rating);

/// <summary>Items in themes and niches with a long tail of popularity, and users who mostly stay in two favourite niches.</summary>
internal sealed class TasteModel
{
    private const int FromGroup = 8;
    private const int FromAnywhere = 50;
    private readonly int[] _niches;
    private readonly WeightedItems[] _byNiche;
    private readonly WeightedItems[] _byTheme;
    private readonly WeightedItems _all;

    public TasteModel(int items, ulong seed)
    {
        ThemeCount = Math.Clamp(items / 40, 2, SyntheticTitles.ThemeCount);
        NichesPerTheme = Math.Clamp(items / (ThemeCount * 12), 1, SyntheticTitles.NichesPerTheme);
        var random = SeedSequence.For(seed, "synthetic-items");
        _niches = [.. Enumerable.Range(0, items).Select(i => i % NicheCount)]; // no niche is empty
        random.Shuffle(_niches.AsSpan());
        var ranks = Enumerable.Range(0, items).ToArray();
        random.Shuffle(ranks.AsSpan());
        var weights = ranks.Select(rank => 1.0 / (rank + 1 + (items / 50.0))).ToArray(); // Zipf, flattened at the head
        var all = Enumerable.Range(0, items).ToArray();
        _all = new WeightedItems(all, weights);
        _byNiche = Group(all, NicheCount, NicheOf, weights);
        _byTheme = Group(all, ThemeCount, ThemeOf, weights);
    }

    public int ThemeCount { get; }

    public int NichesPerTheme { get; }

    public int ItemCount => _niches.Length;

    private int NicheCount => ThemeCount * NichesPerTheme;

    public int NicheOf(int item) => _niches[item];

    public int ThemeOf(int item) => _niches[item] / NichesPerTheme;

    /// <summary>Draws one user's items, without repeats, in no particular order of liking.</summary>
    public List<TasteDraw> DrawUser(int count, ref SeededRandom random)
    {
        var favourites = (First: random.NextInt32(NicheCount), Second: random.NextInt32(NicheCount));
        var draws = new List<TasteDraw>(count);
        var seen = new HashSet<int>(count);
        while (draws.Count < count)
        {
            var niche = random.NextInt32(10) < 6 ? favourites.First : favourites.Second;
            var mood = random.NextInt32(10); // 6 in 10 from the niche, 2 from its theme, 2 from anywhere
            var group = mood < 6 ? _byNiche[niche] : mood < 8 ? _byTheme[niche / NichesPerTheme] : _all;
            var item = DrawUnseen(group, seen, ref random);
            var liking = NicheOf(item) == niche ? 4 : ThemeOf(item) == niche / NichesPerTheme ? 3 : 2;
            draws.Add(new TasteDraw(item, liking + random.NextInt32(2)));
        }

        return draws;
    }

    private int DrawUnseen(WeightedItems group, HashSet<int> seen, ref SeededRandom random)
    {
        for (var attempt = 0; attempt < FromAnywhere; attempt++)
        {
            var item = (attempt < FromGroup ? group : _all).Draw(ref random); // a small niche may be used up
            if (seen.Add(item))
            {
                return item;
            }
        }

        var next = random.NextInt32(ItemCount);
        while (!seen.Add(next))
        {
            next = (next + 1) % ItemCount;
        }

        return next;
    }

    private static WeightedItems[] Group(int[] items, int groups, Func<int, int> groupOf, double[] weights) =>
        [.. Enumerable.Range(0, groups).Select(g => new WeightedItems([.. items.Where(i => groupOf(i) == g)], weights))];
}

/// <summary>Draws items with chances in proportion to their weights.</summary>
internal sealed class WeightedItems
{
    private readonly int[] _items;
    private readonly double[] _cumulative;

    /// <summary>Takes a group of items and the weights of all items.</summary>
    public WeightedItems(int[] items, double[] weights)
    {
        _items = items;
        _cumulative = new double[items.Length];
        var sum = 0.0;
        for (var i = 0; i < items.Length; i++)
        {
            _cumulative[i] = sum += weights[items[i]];
        }
    }

    public int Draw(ref SeededRandom random)
    {
        var place = Array.BinarySearch(_cumulative, random.NextDouble() * _cumulative[^1]);
        return _items[Math.Min(place < 0 ? ~place : place + 1, _items.Length - 1)];
    }
}
