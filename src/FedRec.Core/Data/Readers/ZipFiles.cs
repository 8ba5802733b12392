using System.IO.Compression;

namespace FedRec.Core.Data.Readers;

/// <summary>Finds the file that is meant in a zip archive: the one that is named, the only one, or the only one of a known name.</summary>
internal static class ZipFiles
{
    private const string Extension = ".zip";

    /// <summary>Cuts <c>ml-1m.zip/ml-1m/ratings.dat</c> into the archive and the file in it; null for a path that names none.</summary>
    public static (string File, string? Inner) Split(string path)
    {
        var at = Math.Max(path.IndexOf(Extension + "/", StringComparison.OrdinalIgnoreCase), path.IndexOf(Extension + "\\", StringComparison.OrdinalIgnoreCase));
        return at < 0 || File.Exists(path) || !File.Exists(path[..(at + Extension.Length)]) ? (path, null)
            : (path[..(at + Extension.Length)], path[(at + Extension.Length + 1)..].Replace('\\', '/'));
    }

    /// <summary>The file that is meant.</summary>
    /// <exception cref="DatasetException">There is none, or more than one, or the archive is a workbook or holds arrays.</exception>
    public static ZipArchiveEntry Choose(string file, ZipArchive archive, string? inner)
    {
        var entries = archive.Entries.Where(entry => entry.Name.Length > 0 && !entry.FullName.StartsWith("__MACOSX/", StringComparison.Ordinal) && !entry.Name.StartsWith('.')).ToList();
        ForeignFormats.ThrowIfForeign(file, entries.Select(entry => entry.FullName));
        if (inner is not null)
        {
            return entries.Find(entry => entry.FullName == inner) ?? throw Unclear(file, $"The archive holds no '{inner}'", entries);
        }

        var known = entries.Where(entry => KnownFiles.IsKnown(entry.Name)).ToList();
        return entries is [var only] ? only : known is [var found] ? found
            : throw Unclear(file, entries.Count == 0 ? "The archive is empty" : "The archive holds several files, and which of them is meant is not clear", entries);
    }

    private static DatasetException Unclear(string file, string what, List<ZipArchiveEntry> entries) => new(
        $"{what}{(entries.Count == 0 ? "" : $"; it holds {string.Join(", ", entries.Take(10).Select(entry => entry.FullName))}{(entries.Count > 10 ? ", …" : "")}")}.",
        $"Name the file behind the archive, as in {Split(file).File}/{entries.FirstOrDefault()?.FullName ?? "ratings.csv"}, or unpack it first.", Split(file).File);
}
