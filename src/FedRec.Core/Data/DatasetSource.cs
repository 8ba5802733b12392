using FedRec.Core.Data.Features;
using FedRec.Core.Data.Scenarios;

namespace FedRec.Core.Data;

/// <summary>Opens the interactions of a federation: finds the reader that fits, cleans, splits.</summary>
public static class DatasetSource
{
    // First match wins. The names under which known data sets are published.
    private static readonly string[] s_knownFiles = [MovieLensTabReader.FileName, "ratings.dat", "ratings.csv", "ratings.tsv", "interactions.csv", "interactions.tsv"];

    /// <summary>Loads a file, a folder with a known file in it, or makes the synthetic catalogue.</summary>
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

        var file = FindFile(options.Path);
        var log = new InteractionLog();
        var tally = new RowTally(file);
        Read(file, log, tally);
        tally.Check(options.MaxBadRowShare);
        return DatasetBuilder.Build(NameOf(file), log, ItemCatalogueReader.ReadBeside(file, log.Items), tally, options);
    }

    private static void Read(string file, InteractionLog log, RowTally tally)
    {
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
            $"Give the file itself, or a folder with one of {string.Join(", ", s_knownFiles)}.",
            path);
    }

    private static string NameOf(string file)
    {
        var folder = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(file)));
        var known = s_knownFiles.Contains(Path.GetFileName(file), StringComparer.OrdinalIgnoreCase);
        return known && !string.IsNullOrEmpty(folder) ? folder : Path.GetFileNameWithoutExtension(file);
    }
}
