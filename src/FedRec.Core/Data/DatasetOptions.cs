using FedRec.Core.Data.Behaviours;
using FedRec.Core.Data.Cleaning;
using FedRec.Core.Data.Readers;

namespace FedRec.Core.Data;

/// <summary>Where a federation's interactions come from and how they are split.</summary>
/// <remarks>Equal options give the same <see cref="Dataset"/>, so a silo may open its own copy.</remarks>
public sealed record DatasetOptions
{
    /// <summary>A file, a folder with a known file in it, or <see langword="null"/> for what the scenario makes up. Default: null.</summary>
    public string? Path { get; init; }

    /// <summary>A JSON file that declares the columns of a labelled table; null when the data is interactions. Default: null.</summary>
    public string? Schema { get; init; }

    /// <summary>Users of the made-up catalogue of <see cref="Data.Scenario.Usual"/>. Default: 1000.</summary>
    public int SyntheticUsers { get; init; } = 1_000;

    /// <summary>Items of that catalogue. Default: 800.</summary>
    public int SyntheticItems { get; init; } = 800;

    /// <summary>Seed of what is made up. Default: 1.</summary>
    public ulong SyntheticSeed { get; init; } = 1;

    /// <summary>Also holds each user's last training interaction out for early stopping; a random split holds validation out in any case.
    /// Default: false.</summary>
    public bool HoldOutValidation { get; init; }

    /// <summary>Share of bad rows above which loading fails, in [0, 1]. Default: 0.01.</summary>
    public double MaxBadRowShare { get; init; } = 0.01;

    /// <summary>How interactions are held out: <see cref="LeaveLastOut"/>, <see cref="RandomSplit"/> or <see cref="TemporalSplit"/>. Default: leave-last-out.</summary>
    public string Split { get; init; } = LeaveLastOut;

    /// <summary>Share of the interactions after the cut of the temporal split, and of those between the cuts where validation is held out, in (0, 0.5).
    /// Default: 0.1.</summary>
    public double TestShare { get; init; } = UsualTestShare;

    /// <summary>Seed of the random split, of what is held out for validation where nothing tells what came last, and of which one of several
    /// interactions at the same time comes first in the temporal split. Default: 1.</summary>
    public ulong SplitSeed { get; init; } = 1;

    /// <summary>Name of the scenario whose parties and rules the data follows; null for plain interactions. Default: null.</summary>
    public string? Scenario { get; init; }

    /// <summary>What interactions count in training by the kind of their events, such as <c>view=0.5,purchase=4</c>; 0 leaves a kind out.
    /// Kinds that are not named, or null, take the defaults of <see cref="Behaviours.KindWeights"/>. Default: null.</summary>
    public string? KindWeights { get; init; }

    /// <summary>What each party removes from its own rows before they are split; where the data names no parties, all rows are one party's.
    /// Default: nothing.</summary>
    public CleaningRules Clean { get; init; }

    /// <summary>Maps each party's ratings linearly from its own lowest and highest to 0 and 1, after cleaning. Default: false.</summary>
    public bool NormalizeRatings { get; init; }

    /// <summary>Items that every user has at least, after cleaning and before the split; users with fewer are left out. 0 and 1 ask for nothing.
    /// Default: 0.</summary>
    public int MinUserItems { get; init; }

    /// <summary>Users that every item has at least; like <see cref="MinUserItems"/>, both until both hold. Default: 0.</summary>
    public int MinItemUsers { get; init; }

    /// <summary>Interactions of the same users with items of another domain, a file or a folder with one, which tell of a user and are neither
    /// recommended nor held out; null for none. Default: null.</summary>
    public string? ContextData { get; init; }

    /// <summary>What the files of interactions do not tell of themselves. Default: nothing, all of it is found out.</summary>
    public ReadingOptions Reading { get; init; } = new();

    /// <summary>Holds each user's last interaction out, or what an explicit split column names.</summary>
    public const string LeaveLastOut = "leave-last-out";

    /// <summary>Draws 80 % of all interactions for training, 10 % for validation and 10 % for testing, whoever's they are.</summary>
    public const string RandomSplit = "random";

    /// <summary>Cuts at one time for everybody: trains on what lies before it, and holds out what each user met first after it.</summary>
    public const string TemporalSplit = "temporal";

    /// <summary>The default of <see cref="TestShare"/>.</summary>
    public const double UsualTestShare = 0.1;

    /// <summary>The names of the splits.</summary>
    public static IReadOnlyList<string> Splits { get; } = [LeaveLastOut, RandomSplit, TemporalSplit];

    /// <summary>Refuses values outside their range.</summary>
    /// <exception cref="ArgumentException">Names the option, its value and what is allowed.</exception>
    internal void Check()
    {
        if (!(MaxBadRowShare is >= 0 and <= 1))
        {
            throw new ArgumentException($"MaxBadRowShare is {MaxBadRowShare}; it must be in [0, 1].");
        }

        Reading.Check();
        if (KindWeights is not null)
        {
            _ = Behaviours.KindWeights.Parse(KindWeights, EventKind.Purchase);
        }

        if (Schema is not null && KindWeights is not null)
        {
            throw new ArgumentException($"The kind weights '{KindWeights}' are about events, but a schema describes labelled rows: leave them out.");
        }

        if (Schema is not null && (Path is null || HoldOutValidation || Split != LeaveLastOut))
        {
            throw new ArgumentException("A schema describes a file, and its test rows are those that it names: give --data too, and leave out split, patience and targets on validation.");
        }

        if (Schema is not null && (Clean != CleaningRules.None || NormalizeRatings))
        {
            throw new ArgumentException("A schema describes a table of features; clean and normalize-ratings are for interactions: leave them out.");
        }

        if (MinUserItems < 0 || MinItemUsers < 0)
        {
            throw new ArgumentException($"min-user-items is {MinUserItems} and min-item-users {MinItemUsers}; both must be 0 or more.");
        }

        if ((MinUserItems > 1 || MinItemUsers > 1) && (Schema is not null || Scenario is not null))
        {
            throw new ArgumentException("min-user-items and min-item-users are for plain interactions; leave them out with a schema or a scenario.");
        }

        if (Reading != new ReadingOptions() && (Path is null || Schema is not null || Scenario is not (null or "news")))
        {
            throw new ArgumentException("Columns, header, separator, kinds and encoding are said of a file of interactions: give --data too, without a schema and without a scenario that has files of its own, or leave them out.");
        }

        if (ContextData is not null && (Path is null || Schema is not null || Scenario is not null))
        {
            throw new ArgumentException("Context data is joined to a file of interactions: give that file too, without schema and scenario, or leave out --context-data.");
        }

        if (!Splits.Contains(Split))
        {
            throw new ArgumentException($"The split is '{Split}'; it must be {string.Join(" or ", Splits)}.");
        }

        if (!(TestShare is > 0 and < 0.5))
        {
            throw new ArgumentException($"test-share is {TestShare}; it must be more than 0 and less than 0.5.");
        }

        if (TestShare != UsualTestShare && Split != TemporalSplit)
        {
            throw new ArgumentException($"test-share is {TestShare}, but the split is {Split}, which has no cut in time: leave it out, or take the split {TemporalSplit}.");
        }
    }
}
