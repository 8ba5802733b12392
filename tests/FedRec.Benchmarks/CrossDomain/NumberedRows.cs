using System.Globalization;
using FedRec.Core.Data;
using FedRec.Core.Randomness;

namespace FedRec.Benchmarks.CrossDomain;

/// <summary>Interactions that are cut out of a data set: written as a file and opened again, as anybody's own data would be.</summary>
/// <remarks>Users and items are called by their numbers in the whole data, so that those of different cuts can be told to be the same.</remarks>
internal sealed class NumberedRows
{
    private readonly List<string> _lines = ["user,item,split"];

    /// <summary>Adds one interaction.</summary>
    public void Add(int user, int item, bool heldOut = false) =>
        _lines.Add(string.Create(CultureInfo.InvariantCulture, $"{user},{item},{(heldOut ? "test" : "train")}"));

    /// <summary>Writes the rows.</summary>
    /// <returns>The file.</returns>
    public string Write(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllLines(path, _lines);
        return path;
    }

    /// <summary>Opens the rows by themselves.</summary>
    /// <param name="catalogue">Of the whole data, whose tags the items keep; null for items of which nothing is known. Default: null.</param>
    public Dataset Open(ItemCatalogue? catalogue = null)
    {
        var folder = Directory.CreateTempSubdirectory("fedrec-rows-");
        try
        {
            File.WriteAllLines(Path.Combine(folder.FullName, "items.csv"), ["item,tags", .. (catalogue?.Tags ?? []).Index().Select(one => $"{one.Index},{Quoted(string.Join('|', one.Item))}")]);
            return DatasetSource.Open(new DatasetOptions { Path = Write(folder.FullName, "rows.csv") });
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Checks that the last item of a user can be told.</summary>
    /// <exception cref="ArgumentException">The data has no times.</exception>
    public static void ThrowWithoutTimes(Dataset all)
    {
        if (!Enumerable.Range(0, all.Users.Count).Any(user => !all.Train.Timestamps(user).IsEmpty))
        {
            throw new ArgumentException($"The data {all.Name} has no times, by which the last interaction with each domain is found: give data with a column of timestamps.");
        }
    }

    /// <summary>The number that a user or an item has in the whole data.</summary>
    public static int Number(IdMap ids, int index) => int.Parse(ids[index], CultureInfo.InvariantCulture);

    /// <summary>All items of a user, the earliest first; the test item is the last, and equal times are in an order that is drawn.</summary>
    public static int[] InOrder(Dataset all, int user, ulong seed)
    {
        var (own, times) = (all.Train.Items(user).ToArray(), all.Train.Timestamps(user).ToArray());
        int[] order = [.. Enumerable.Range(0, own.Length)];
        var random = SeedSequence.For(seed, "equal-times", user);
        random.Shuffle<int>(order);
        return [.. order.OrderBy(i => times.Length == 0 ? 0 : times[i]).Select(i => own[i]), .. all.Test.Items(user)]; // the sort is stable
    }

    private static string Quoted(string field) => $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
