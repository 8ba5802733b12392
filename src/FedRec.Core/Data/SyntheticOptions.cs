namespace FedRec.Core.Data;

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
