using System.Globalization;
using FedRec.Core.Data.Behaviours;
using FedRec.Core.Data.Cleaning;
using FedRec.Core.Data.Features;
using FedRec.Core.Data.Splits;

namespace FedRec.Core.Data;

/// <summary>Turns a log into a dataset: merges repeats, splits, and packs the rows.</summary>
internal static class DatasetBuilder
{
    private const string Ranking = "full-catalogue ranking, training items removed, ties averaged";
    private const string RankingWithValidation = "full-catalogue ranking, training and validation items removed, ties averaged";

    public static Dataset Build(string name, InteractionLog log, ItemCatalogue catalogue, RowTally tally, DatasetOptions options)
    {
        var rows = UserRows.Group(log);
        var random = options.Split == DatasetOptions.RandomSplit;
        var weights = RowWeights.Of(log, options.KindWeights);
        var temporal = options.Split == DatasetOptions.TemporalSplit ? TemporalSplit.Of(log, rows, catalogue.Context, weights, options, tally.File) : null;
        var splits = temporal?.Splits ?? (log.SplitColumn.IsEmpty || random ? new InteractionSplit[log.Count] : log.SplitColumn.ToArray());
        var duplicates = temporal?.Merged ?? DuplicateMerge.Apply(log, rows, splits, weights);
        if (random)
        {
            RandomSplit.Draw(log.ItemColumn, splits, options.SplitSeed, catalogue.Context);
        }
        else if (temporal is null)
        {
            HoldOutLast(log, rows, splits, options, catalogue.Context);
        }

        weights?.LeaveOut(splits);
        var column = weights is null ? [] : weights.Column(splits);
        return new Dataset(
            name,
            log.Users,
            log.Items,
            catalogue,
            rows.Pack(log, splits, InteractionSplit.Train, column),
            rows.Pack(log, splits, InteractionSplit.Validation, column),
            rows.Pack(log, splits, InteractionSplit.Test, column),
            (temporal?.Protocol() ?? (random ? RandomProtocol(log, options.SplitSeed) : Protocol(log, options))) + (weights is null ? "" : $"; in training an interaction counts by its kind ({weights.Words(splits)}), where the learner weights interactions") + Preparation(options, tally),
            Report(log, tally.Report(duplicates), weights?.Count(splits)))
        {
            ItemFeatures = TagFeatures.Of(catalogue),
            TimeUnit = log.TimeUnit,
            ColdTest = temporal?.Pack(InteractionSplit.ColdTest),
            MetBeforeTest = temporal?.Pack(InteractionSplit.Validation, InteractionSplit.BeforeTest),
        };
    }

    /// <summary>Merges repeats and holds out each user's last interactions, by time where the rows have times.</summary>
    /// <param name="log">The rows of some users.</param>
    /// <param name="holdOutTest">Whether to hold anything out.</param>
    /// <param name="holdOutValidation">Whether to hold out one for validation too.</param>
    /// <param name="context">Items that are never held out, ascending.</param>
    public static (UserItems Train, UserItems Validation, UserItems Test) Split(
        InteractionLog log, bool holdOutTest, bool holdOutValidation, IReadOnlyList<int> context)
    {
        var (rows, splits) = (UserRows.Group(log), new InteractionSplit[log.Count]);
        DuplicateMerge.Apply(log, rows, splits);
        if (holdOutTest)
        {
            HoldOutLast(log, rows, splits, new DatasetOptions { HoldOutValidation = holdOutValidation }, context);
        }

        return (Pack(InteractionSplit.Train), Pack(InteractionSplit.Validation), Pack(InteractionSplit.Test));

        UserItems Pack(InteractionSplit split) => rows.Pack(log, splits, split, []);
    }

    private static bool NamesValidation(InteractionLog log) => log.SplitColumn.Contains(InteractionSplit.Validation);

    private static LoadReport Report(InteractionLog log, LoadReport report, IReadOnlyList<KindCount>? kinds) => report with
    {
        Kinds = kinds ?? [],
        Notes = log.Unrated == 0 ? report.Notes : [.. report.Notes, $"{log.Unrated} rows of other kinds have no rating, so ratings are not used."],
    };

    private static void HoldOutLast(InteractionLog log, UserRows rows, Span<InteractionSplit> splits, DatasetOptions options, IReadOnlyList<int> context)
    {
        if (log.SplitColumn.IsEmpty)
        {
            LeaveLastOutSplit.HoldOut(log, rows, splits, InteractionSplit.Test, minimum: 2, context, (row, than) => RowOrder.IsLater(log, row, than));
        }

        if (options.HoldOutValidation && !NamesValidation(log))
        {
            LeaveLastOutSplit.HoldOut(log, rows, splits, InteractionSplit.Validation, minimum: 3, context, (row, than) =>
                log.TimestampColumn.IsEmpty ? RowOrder.IsDrawnLater(log, row, than, options.SplitSeed) : RowOrder.IsLater(log, row, than));
        }
    }

    /// <summary>What was done to the rows before the split, for the reader of a result; nothing when nothing was.</summary>
    internal static string Preparation(DatasetOptions options, RowTally tally) =>
        tally.BadRowsInWords + (options.Clean != CleaningRules.None ? $"; before the split, {tally.Removed}" : "") + (tally.Filtered is { } filtered ? $"; before the split, {filtered}" : "") + (options.NormalizeRatings ? "; ratings of each party mapped to 0…1" : "");

    private static string RandomProtocol(InteractionLog log, ulong seed) => string.Create(CultureInfo.InvariantCulture,
        $"random 80/10/10 split by interaction (seed {seed}){(log.SplitColumn.IsEmpty ? "" : ", in place of the data's own split")}, {RankingWithValidation}");

    private static string Protocol(InteractionLog log, DatasetOptions options)
    {
        var (timed, within) = (!log.TimestampColumn.IsEmpty, log.KindColumn.IsEmpty ? "" : " within each user's strongest kind of event");
        var split = log.SplitColumn.IsEmpty ? $"leave-last-out by {(timed ? "time" : "file order")}{within}" : NamesValidation(log) ? "explicit train/validation/test split" : "explicit train/test split";
        return NamesValidation(log) ? $"{split}, {RankingWithValidation}"
            : !options.HoldOutValidation ? $"{split}, {Ranking}"
            : timed ? $"{split}, last training interaction by time{within} held out for validation, {RankingWithValidation}"
            : string.Create(CultureInfo.InvariantCulture,
                $"{split}, one training interaction of each user{within} held out for validation at random (seed {options.SplitSeed}), as the data has no times, {RankingWithValidation}");
    }
}
