using FedRec.Core.Data.Readers;

namespace FedRec.Core.Data;

/// <summary>Reads MovieLens 100K <c>u.item</c>, with the names of its genre flags from <c>u.genre</c> beside it; both Latin-1.</summary>
internal static class MovieLensItemReader
{
    private const int FirstGenreField = 5;
    private const string NoGenre = "unknown";

    public static IEnumerable<ItemEntry> Read(string file, ListText text)
    {
        var genres = ReadGenres(Path.Combine(Path.GetDirectoryName(file) ?? ".", "u.genre"), text);
        return
            from line in text.Lines(file)
            let fields = line.Split('|')
            where fields.Length >= 2
            select new ItemEntry(fields[0], fields[1], Tags(fields.AsSpan(Math.Min(FirstGenreField, fields.Length)..), genres));
    }

    private static List<string> Tags(ReadOnlySpan<string> flags, string[] genres)
    {
        var tags = new List<string>();
        for (var i = 0; i < Math.Min(flags.Length, genres.Length); i++)
        {
            if (flags[i] == "1" && genres[i] != NoGenre)
            {
                tags.Add(genres[i]);
            }
        }

        return tags;
    }

    private static string[] ReadGenres(string file, ListText text) =>
        File.Exists(file) ? [.. text.Lines(file).Where(l => l.Contains('|', StringComparison.Ordinal)).Select(l => l.Split('|')[0])] : [];
}
