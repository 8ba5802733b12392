using FedRec.Core.Data.Cleaning;
using FedRec.Core.Data.Features;
using FedRec.Core.Data.Partitions;
using FedRec.Core.Data.Readers;

namespace FedRec.Core.Data;

/// <summary>Opens the interactions of a federation: finds the reader that fits, cleans, splits.</summary>
public static class DatasetSource
{
    /// <summary>Loads a file, a folder with a known file in it, a folder with such a folder for each party, or the data of a scenario.</summary>
    /// <param name="options">Where the data is and how it is split; equal options give equal datasets.</param>
    /// <param name="scenarios">What the options can name, and what is opened where they name neither data nor a scenario. Default: none.</param>
    /// <returns>The data with dense ids, duplicates merged, bad rows left out, and split.</returns>
    /// <exception cref="DatasetException">The data is missing, not of a known format, or too much of it is bad.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or there is no such scenario.</exception>
    public static Dataset Open(DatasetOptions options, IReadOnlyCollection<Scenario>? scenarios = null)
    {
        options.Check();
        if (options.Scenario is not null || options.Path is null)
        {
            return Scenario.Find(options.Scenario, scenarios ?? []).Open(options);
        }

        if (options.Schema is { } schema)
        {
            return LabelledTableReader.Open(options.Path, TableSchemaReader.Read(schema), options.MaxBadRowShare);
        }

        var parties = KnownFiles.Parties(options.Path);
        return parties.Length > 0 ? OpenParties(options, parties) : OpenFile(options, KnownFiles.Find(options.Path));
    }

    private static Dataset OpenFile(DatasetOptions options, string file)
    {
        var (log, tally) = ReadRows(file, options.MaxBadRowShare, options.Reading);
        var parties = log.HeldBy();
        if (parties is not null)
        {
            ThrowIfContext(options);
        }

        log = LogCleaner.Prepare(log, options, tally, parties is null ? null : user => parties.Names[parties.Of(user)]);
        log = LeaveOutRare(log, options, tally);
        var lists = new ListText(options.Reading.Encoding);
        var catalogue = ItemCatalogueReader.ReadBeside(file, log.Items, lists);
        var dataset = options.ContextData is { } context
            ? BuildWithContext(KnownFiles.NameOf(file), log, catalogue, tally, options, KnownFiles.Find(context), lists)
            : DatasetBuilder.Build(KnownFiles.NameOf(file), log, catalogue, tally, options) with { Parties = log.HeldBy() };
        return WithUserFeatures(dataset, Path.GetDirectoryName(Path.GetFullPath(file)) ?? ".", lists);
    }

    private static Dataset BuildWithContext(string name, InteractionLog log, ItemCatalogue catalogue, RowTally tally, DatasetOptions options, string file, ListText lists)
    {
        var (context, contextTally) = ReadRows(file, options.MaxBadRowShare, options.Reading);
        context = LogCleaner.Prepare(context, options, contextTally);
        var joined = ContextReport.Of(log, context, contextTally);
        catalogue = ContextData.Join(log, catalogue, context, ItemCatalogueReader.ReadBeside(file, context.Items, lists), file);
        var dataset = DatasetBuilder.Build(name, log, catalogue, tally, options);
        var report = dataset.Report with { Duplicates = dataset.Report.Duplicates - joined.Rows.Duplicates, Context = joined };
        return dataset with { Protocol = $"{dataset.Protocol}; {joined}", Report = report };
    }

    private static void ThrowIfContext(DatasetOptions options)
    {
        if (options.ContextData is { } stray)
        {
            throw new DatasetException("Context data cannot be joined to the data of parties: whose it is would be open.", "Add its rows to the parties' own data, or give data without parties.", stray);
        }
    }

    /// <summary>The rows of a file, or of a folder with a known file in it, as they are.</summary>
    /// <exception cref="DatasetException">It is missing, not of a known format, or too much of it is bad.</exception>
    internal static (InteractionLog Log, RowTally Tally) ReadRows(string path, double maxBadRowShare, ReadingOptions reading)
    {
        var file = KnownFiles.Find(path);
        var (log, tally) = (new InteractionLog(), new RowTally(file));
        InteractionReader.Read(file, reading, log, tally);
        tally.Check(maxBadRowShare);
        return (log, tally);
    }

    private static Dataset OpenParties(DatasetOptions options, string[] folders)
    {
        ThrowIfContext(options);
        var (log, tally) = (new InteractionLog(), new RowTally(options.Path!));
        PartyFolders.Read(folders, folder => ReadParty(folder, options, tally), log, tally);
        tally.Check(options.MaxBadRowShare);
        log = LeaveOutRare(log, options, tally);
        var lists = new ListText(options.Reading.Encoding);
        var catalogue = ItemCatalogueReader.ReadOfParties(options.Path!, folders, log.Items, lists);
        var dataset = DatasetBuilder.Build(Path.GetFileName(Path.GetFullPath(options.Path!)), log, catalogue, tally, options) with { Parties = log.HeldBy() };
        return WithUserFeatures(dataset, options.Path!, lists);
    }

    private static Dataset WithUserFeatures(Dataset dataset, string folder, ListText lists)
    {
        var train = dataset.Train.With(UserFeatureReader.ReadIn(folder, dataset.Users, lists));
        return dataset with { Train = train, Report = dataset.Report with { Notes = [.. dataset.Report.Notes, .. lists.Notes] } };
    }

    private static InteractionLog LeaveOutRare(InteractionLog log, DatasetOptions options, RowTally tally)
    {
        var left = CoreFilter.Apply(log, options, tally);
        foreach (var party in (log.HeldBy()?.Names ?? []).Except(left.HeldBy()?.Names ?? []))
        {
            tally.Note($"The party {party} has no user left and is left out.");
        }

        return left;
    }

    private static InteractionLog ReadParty(string folder, DatasetOptions options, RowTally tally)
    {
        var own = new InteractionLog();
        InteractionReader.Read(KnownFiles.Find(folder), options.Reading, own, tally);
        return LogCleaner.Prepare(own, options, tally);
    }

    /// <summary>Reads the interactions in a party's folder as they are.</summary>
    /// <exception cref="DatasetException">Too many rows are bad.</exception>
    internal static void ReadParty(string folder, InteractionLog log, double maxBadRowShare, ReadingOptions reading)
    {
        var file = KnownFiles.Find(folder);
        var tally = new RowTally(file);
        InteractionReader.Read(file, reading, log, tally);
        tally.Check(maxBadRowShare);
    }
}
