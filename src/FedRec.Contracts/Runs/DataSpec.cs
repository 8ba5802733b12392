namespace FedRec.Contracts.Runs;

/// <summary>Where a federation's data is and how it is dealt to clients. Holds no data.</summary>
[GenerateSerializer, Immutable, Alias("fedrec.data-spec")]
public sealed record DataSpec
{
    /// <summary>The built-in synthetic catalogue, with all defaults.</summary>
    public static DataSpec BuiltIn { get; } = new();

    /// <summary>Path that every silo can read, or null for the built-in synthetic catalogue.</summary>
    [Id(0)] public string? Path { get; init; }

    /// <summary>Users of the synthetic catalogue. Default: 1000.</summary>
    [Id(1)] public int SyntheticUsers { get; init; } = 1_000;

    /// <summary>Items of the synthetic catalogue. Default: 800.</summary>
    [Id(2)] public int SyntheticItems { get; init; } = 800;

    /// <summary>Seed of the synthetic catalogue. Default: 1.</summary>
    [Id(3)] public ulong SyntheticSeed { get; init; } = 1;

    /// <summary>Number of many-user clients the users are dealt to; 0 for one client per user. Default: 0.</summary>
    [Id(4)] public int Parties { get; init; }

    // Written by earlier releases: what a run holds out is the run's own choice since.
    [Id(5)] internal bool LegacyHoldOutValidation { get; init; }

    /// <summary>How interactions are held out: <c>leave-last-out</c>, <c>random</c> (80/10/10 by interaction) or <c>temporal</c> (one cut in time for
    /// everybody, after which each user's first new item is held out). Default: leave-last-out.</summary>
    [Id(6)] public string Split { get; init; } = "leave-last-out";

    /// <summary>Seed of the random split, of what is held out for validation where the data has no times, and of which interaction of one time comes
    /// first in the temporal split. Default: 1.</summary>
    [Id(7)] public ulong SplitSeed { get; init; } = 1;

    /// <summary>JSON file that declares the columns of a labelled table, which every silo can read; null when the data is interactions. Default: null.</summary>
    [Id(8)] public string? Schema { get; init; }

    /// <summary>How unevenly tastes and volumes are dealt to the <see cref="Parties"/>: concentration of a Dirichlet distribution, above 0
    /// (0.1 is very uneven, 100 nearly even); 0 deals at random in equal sizes. Default: 0.</summary>
    [Id(9)] public double Alpha { get; init; }

    /// <summary>What each party removes from its own rows before they are split: some of <c>duplicates</c>, <c>bots</c> and <c>outliers</c>,
    /// separated by commas; empty for nothing. Default: empty.</summary>
    [Id(10)] public string Clean { get; init; } = "";

    /// <summary>Whether each party's ratings are mapped from its own lowest and highest to 0 and 1. Default: false.</summary>
    [Id(11)] public bool NormalizeRatings { get; init; }

    /// <summary>What interactions count in training by the kind of their events, such as <c>view=0.5,purchase=4</c>, each from 0 to 1,000; 0 leaves
    /// a kind out of training. Kinds that are not named, or null, take defaults, in which the strongest kind that occurs counts 1. <c>ease</c>
    /// counts all kinds alike that are not left out, and takes 0 and 1 only. Default: null.</summary>
    [Id(12)] public string? KindWeights { get; init; }

    /// <summary>A scenario whose parties and rules the data follows, such as <c>clinic</c>; null for plain interactions. Default: null.</summary>
    [Id(13)] public string? Scenario { get; init; }

    /// <summary>Interactions of the same users with items of another domain, a path that every silo can read: they tell of a user and are
    /// neither recommended nor held out; null for none. Default: null.</summary>
    [Id(14)] public string? ContextData { get; init; }

    /// <summary>What the files of interactions do not tell of themselves; null for nothing, then all of it is found out. Default: null.</summary>
    [Id(15)] public ReadingSpec? Reading { get; init; }

    /// <summary>Items that every user has at least, before the split: users with fewer are left out. 0 and 1 ask for nothing. Default: 0.</summary>
    [Id(30)] public int MinUserItems { get; init; }

    /// <summary>Users that every item has at least; like <see cref="MinUserItems"/>, again and again until both hold. Default: 0.</summary>
    [Id(31)] public int MinItemUsers { get; init; }

    /// <summary>Share of the interactions after the cut of the temporal split, and of those before it that validation is taken from where it is held
    /// out, in (0, 0.5). Default: 0.1.</summary>
    [Id(32)] public double TestShare { get; init; } = 0.1;
}

/// <summary>What the files of a run's data do not tell of themselves; what is null or false is found out from their content.</summary>
/// <remarks>A column is called by its name, or by its place from 1. The word <c>none</c> says that a file has no such column.</remarks>
[GenerateSerializer, Immutable, Alias("fedrec.reading-spec")]
public sealed record ReadingSpec
{
    /// <summary>The column of users. Default: null.</summary>
    [Id(0)] public string? UserColumn { get; init; }

    /// <summary>The column of items. Default: null.</summary>
    [Id(1)] public string? ItemColumn { get; init; }

    /// <summary>The column of times, or <c>none</c>. Default: null.</summary>
    [Id(2)] public string? TimeColumn { get; init; }

    /// <summary>The column of ratings, or <c>none</c>. Default: null.</summary>
    [Id(3)] public string? RatingColumn { get; init; }

    /// <summary>The column of kinds of events, or <c>none</c>. Default: null.</summary>
    [Id(4)] public string? KindColumn { get; init; }

    /// <summary>Whether the first line is data and names no columns. Default: false.</summary>
    [Id(5)] public bool NoHeader { get; init; }

    /// <summary>What stands between fields: a character, the same character twice, or <c>tab</c>, <c>comma</c>, <c>semicolon</c>, <c>bar</c>,
    /// <c>blanks</c>. Default: null.</summary>
    [Id(6)] public string? Separator { get; init; }

    /// <summary>What words of the column of kinds mean, such as <c>0=view,2=cart,3=purchase</c>. Default: null.</summary>
    [Id(7)] public string? Kinds { get; init; }

    /// <summary>How text is written as bytes, such as <c>latin1</c>; null for UTF-8. Default: null.</summary>
    [Id(8)] public string? Encoding { get; init; }
}
