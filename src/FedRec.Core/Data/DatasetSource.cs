using FedRec.Core.Data.Cleaning;
using FedRec.Core.Data.Features;
using FedRec.Core.Data.Partitions;
using FedRec.Core.Data.Scenarios;

namespace FedRec.Core.Data;

/// <summary>Opens the interactions of a federation: finds the reader that fits, cleans, splits.</summary>
public static class DatasetSource
{
    // First match wins. The names under which known data sets are published.
    private static readonly string[] s_knownFiles = [MovieLensTabReader.FileName, "ratings.dat", "ratings.csv", "ratings.tsv", "interactions.csv", "interactions.tsv", "ratings.parquet", "interactions.parquet"];

    /// <summary>Loads a file, a folder with a known file in it, a folder with such a folder for each party, or makes the synthetic catalogue.</summary>
    /// <param name="options">Where the data is and how it is split; equal options give equal datasets.</param>
    /// <returns>The data with dense ids, duplicates merged, bad rows left out, and split.</returns>
    /// <exception cref="DatasetException">The data is missing, not of a known format, or too much of it is bad.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static Dataset Open(DatasetOptions options)
    {
        options.Check();
        if (options.Scenario is not null)
        {
            return Scenario.Find(options.Scenario).Open(options);
        }

        if (options.Path is null)
        {
            return SyntheticCatalogue.Create(SyntheticOptions.From(options)).ToDataset(options);
        }

        if (options.Schema is { } schema)
        {
            return LabelledTableReader.Open(options.Path, TableSchemaReader.Read(schema), options.MaxBadRowShare);
        }

        return FindParties(options.Path) is { Length: > 0 } parties ? OpenParties(options, parties) : OpenFile(options, FindFile(options.Path));
    }

    private static Dataset OpenFile(DatasetOptions options, string file)
    {
        var log = new InteractionLog();
        var tally = new RowTally(file);
        Read(file, log, tally);
        tally.Check(options.MaxBadRowShare);
        var parties = log.HeldBy();
        log = LogCleaner.Prepare(log, options, tally, parties is null ? null : user => parties.Names[parties.Of(user)]);
        var catalogue = ItemCatalogueReader.ReadBeside(file, log.Items);
        if (options.ContextData is { } context)
        {
            ThrowIfParties(parties is not null, context);
            return BuildWithContext(NameOf(file), log, catalogue, tally, options, FindFile(context));
        }

        return DatasetBuilder.Build(NameOf(file), log, catalogue, tally, options) with { Parties = log.HeldBy() };
    }

    private static void ThrowIfParties(bool has, string? context)
    {
        if (has && context is not null)
        {
            throw new DatasetException("Context data cannot be joined to the data of several parties: whose it is would be open.", "Add its rows to each party's own, or give data without parties.", context);
        }
    }

    private static Dataset BuildWithContext(string name, InteractionLog log, ItemCatalogue catalogue, RowTally tally, DatasetOptions options, string file)
    {
        var (context, contextTally) = (new InteractionLog(), new RowTally(file));
        Read(file, context, contextTally);
        contextTally.Check(options.MaxBadRowShare);
        context = LogCleaner.Prepare(context, options, contextTally);
        catalogue = ContextData.Join(log, catalogue, context, ItemCatalogueReader.ReadBeside(file, context.Items), file);
        var dataset = DatasetBuilder.Build(name, log, catalogue, tally, options);
        return dataset with { Protocol = dataset.Protocol + ContextData.Describe(context) };
    }

    private static Dataset OpenParties(DatasetOptions options, string[] folders)
    {
        ThrowIfParties(true, options.ContextData);
        var (log, tally) = (new InteractionLog(), new RowTally(options.Path!));
        var parties = PartyFolders.Read(folders, folder => ReadParty(folder, options, tally), log);
        tally.Check(options.MaxBadRowShare);
        var catalogue = ItemCatalogueReader.ReadOfParties(options.Path!, folders, log.Items);
        return DatasetBuilder.Build(Path.GetFileName(Path.GetFullPath(options.Path!)), log, catalogue, tally, options) with { Parties = parties };
    }

    private static InteractionLog ReadParty(string folder, DatasetOptions options, RowTally tally)
    {
        var own = new InteractionLog();
        Read(FindFile(folder), own, tally);
        return LogCleaner.Prepare(own, options, tally);
    }

    /// <summary>Reads the interactions in a party's folder as they are.</summary>
    /// <exception cref="DatasetException">Too many rows are bad.</exception>
    internal static void ReadParty(string folder, InteractionLog log, double maxBadRowShare)
    {
        var file = FindFile(folder);
        var tally = new RowTally(file);
        Read(file, log, tally);
        tally.Check(maxBadRowShare);
    }

    /// <summary>Folders of parties, when there is no file of a known name in the folder itself; in order.</summary>
    internal static string[] FindParties(string path) =>
        !Directory.Exists(path) || s_knownFiles.Any(name => File.Exists(Path.Combine(path, name))) ? []
        : [.. Directory.EnumerateDirectories(path).Where(folder => s_knownFiles.Any(name => File.Exists(Path.Combine(folder, name)))).Order(StringComparer.Ordinal)];

    private static void Read(string file, InteractionLog log, RowTally tally)
    {
        if (ParquetTable.Recognizes(file))
        {
            CsvReader.Read(file, log, tally);
            return;
        }

        var firstLine = FirstLine(file);
        if (Path.GetFileName(file).Equals(MovieLensTabReader.FileName, StringComparison.OrdinalIgnoreCase) || MovieLensTabReader.Recognizes(firstLine))
        {
            MovieLensTabReader.Read(file, log, tally);
        }
        else if (Path.GetExtension(file).Equals(".dat", StringComparison.OrdinalIgnoreCase) || MovieLensDatReader.Recognizes(firstLine))
        {
            MovieLensDatReader.Read(file, log, tally);
        }
        else
        {
            CsvReader.Read(file, log, tally);
        }
    }

    private static string FirstLine(string file)
    {
        using var text = DataFile.OpenText(file);
        return text.ReadLine() ?? "";
    }

    private static string FindFile(string path)
    {
        if (!Directory.Exists(path))
        {
            return path;
        }

        return s_knownFiles.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists) ?? throw new DatasetException(
            "The folder holds no file of a known name.",
            $"Give the file itself, a folder with one of {string.Join(", ", s_knownFiles)}, or a folder with such a folder for each party.",
            path);
    }

    private static string NameOf(string file)
    {
        var folder = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(file)));
        var known = s_knownFiles.Contains(Path.GetFileName(file), StringComparer.OrdinalIgnoreCase);
        return known && !string.IsNullOrEmpty(folder) ? folder : Path.GetFileNameWithoutExtension(file);
    }
}
