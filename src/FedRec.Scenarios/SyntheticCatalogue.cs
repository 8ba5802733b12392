using FedRec.Core.Data;
using FedRec.Core.Randomness;

namespace FedRec.Scenarios;

/// <summary>A made-up shop of stories: named items in themes and niches, a long tail, and users with tastes of their own.</summary>
/// <remarks>Only exact arithmetic (+, ·, ÷, √) is used, so that every machine makes the same rows.</remarks>
public static class SyntheticCatalogue
{
    private const long FirstSecond = 1_704_067_200; // 2024-01-01
    private const int Day = 86_400;

    /// <summary>Makes the catalogue and its users' interactions.</summary>
    /// <param name="options">Size, shape and seed.</param>
    /// <returns>Rows user by user, in time order; every item has at least one.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A size is too small.</exception>
    public static GeneratedInteractions Create(SyntheticOptions options)
    {
        options.Check();
        var taste = new TasteModel(options.Items, options.Seed);
        var baskets = new List<TasteDraw>[options.Users];
        for (var user = 0; user < options.Users; user++)
        {
            var random = SeedSequence.For(options.Seed, "synthetic-user", user);
            baskets[user] = taste.DrawUser(Activity(options, ref random), ref random);
        }

        GiveEveryItemAReader(baskets, options);
        return ToRows(taste, baskets, options.Seed);
    }

    /// <summary>Pareto with exponent 2, median <see cref="SyntheticOptions.Activity"/>: many light users, a few heavy ones.</summary>
    private static int Activity(SyntheticOptions options, ref SeededRandom random)
    {
        var activity = options.SkewedActivity ? options.Activity / Math.Sqrt(2 * (1 - random.NextDouble())) : options.Activity;
        return Math.Clamp((int)Math.Min(activity, options.Items), 2, options.Items / 2);
    }

    /// <summary>An item that nobody drew replaces a draw of an item that others have too, or is added where there is none.</summary>
    private static void GiveEveryItemAReader(List<TasteDraw>[] baskets, SyntheticOptions options)
    {
        var readers = new int[options.Items];
        foreach (var draw in baskets.SelectMany(b => b))
        {
            readers[draw.Item]++;
        }

        var random = SeedSequence.For(options.Seed, "synthetic-tail");
        for (var item = 0; item < options.Items; item++)
        {
            if (readers[item] > 0)
            {
                continue;
            }

            var basket = baskets[random.NextInt32(baskets.Length)];
            var place = random.NextInt32(basket.Count);
            if (readers[basket[place].Item] > 1)
            {
                readers[basket[place].Item]--;
                basket.RemoveAt(place);
            }

            basket.Insert(Math.Min(place, basket.Count), new TasteDraw(item, 3));
        }
    }

    private static GeneratedInteractions ToRows(TasteModel taste, List<TasteDraw>[] baskets, ulong seed)
    {
        var rows = new GeneratedInteractions("synthetic", baskets.Sum(basket => basket.Count));
        foreach (var (item, title) in SyntheticTitles.Create(taste, seed).Index())
        {
            rows.Describe($"i{item + 1}", title, SyntheticTitles.Tags(taste, item));
        }

        for (var user = 0; user < baskets.Length; user++)
        {
            var random = SeedSequence.For(seed, "synthetic-time", user);
            var time = FirstSecond + random.NextInt32(300 * Day);
            foreach (var draw in baskets[user])
            {
                time += 60 + random.NextInt32(random.NextInt32(4) == 0 ? 7 * Day : 3_600); // sittings with days between them
                rows.Add($"u{user + 1}", $"i{draw.Item + 1}", time, draw.Rating);
            }

            baskets[user] = []; // a million of them are as large as the rows
        }

        return rows;
    }
}

/// <summary>Size and shape of the synthetic catalogue; equal options give the same rows on every machine.</summary>
public sealed record SyntheticOptions
{
    /// <summary>Users, at least 1. Default: 1000.</summary>
    public int Users { get; init; } = 1_000;

    /// <summary>Items, at least 8. Default: 800.</summary>
    public int Items { get; init; } = 800;

    /// <summary>Interactions of the median user, at least 2; at most half the items are used. Default: 40.</summary>
    public int Activity { get; init; } = 40;

    /// <summary>Whether a few users are far more active than most; otherwise each has exactly <see cref="Activity"/>. Default: true.</summary>
    public bool SkewedActivity { get; init; } = true;

    /// <summary>Seed of every draw. Default: 1.</summary>
    public ulong Seed { get; init; } = 1;

    internal static SyntheticOptions From(DatasetOptions options) =>
        new() { Users = options.SyntheticUsers, Items = options.SyntheticItems, Seed = options.SyntheticSeed };

    internal void Check()
    {
        Require(Users, 1, "users");
        Require(Items, 8, "items");
        Require(Activity, 2, "activity");
    }

    private static void Require(int value, int least, string name)
    {
        if (value < least)
        {
            throw new ArgumentException($"{name} of the synthetic catalogue is {value}; it must be at least {least}.");
        }
    }
}
