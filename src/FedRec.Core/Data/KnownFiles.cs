namespace FedRec.Core.Data;

/// <summary>Finds interactions by the names under which data sets are published.</summary>
internal static class KnownFiles
{
    // First match wins. The names under which known data sets are published.
    private static readonly string[] s_names =
    [
        MovieLensTab, "ratings.dat", "ratings.csv", "ratings.tsv", "interactions.csv", "interactions.tsv", "ratings.parquet", "interactions.parquet",
        "ratings.jsonl", "interactions.jsonl", "ratings.csv.gz", "ratings.tsv.gz", "interactions.csv.gz", "interactions.tsv.gz", "ratings.jsonl.gz", "interactions.jsonl.gz",
    ];

    /// <summary>The ratings of MovieLens 100K.</summary>
    public const string MovieLensTab = "u.data";

    /// <summary>Whether a data set is published under the name.</summary>
    public static bool IsKnown(string name) => s_names.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>The file itself, or the known file in a folder.</summary>
    /// <exception cref="DatasetException">The folder has none.</exception>
    public static string Find(string path)
    {
        if (!Directory.Exists(path))
        {
            return path;
        }

        return s_names.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists) ?? throw new DatasetException(
            "The folder holds no file of a known name.",
            $"Give the file itself, a folder with one of {string.Join(", ", s_names)}, or a folder with such a folder for each party.",
            path);
    }

    /// <summary>Folders of parties, when there is no file of a known name in the folder itself; in order.</summary>
    public static string[] Parties(string path) =>
        !Directory.Exists(path) || s_names.Any(name => File.Exists(Path.Combine(path, name))) ? []
        : [.. Directory.EnumerateDirectories(path).Where(folder => s_names.Any(name => File.Exists(Path.Combine(folder, name)))).Order(StringComparer.Ordinal)];

    /// <summary>A short name for people: that of the file, or of its folder where every data set has that file.</summary>
    public static string NameOf(string file)
    {
        var folder = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(file)));
        return IsKnown(Path.GetFileName(file)) && !string.IsNullOrEmpty(folder) ? folder : Path.GetFileNameWithoutExtension(file);
    }
}
