using FedRec.Core.Data;
using FedRec.Core.Data.Alignment;

namespace FedRec.Core.Tests.Data.Alignment;

/// <summary>What a party calls an item is found in a common catalogue, and nothing is found twice or by guess.</summary>
public sealed class ItemMatchingTests
{
    private static readonly byte[] s_secret = [.. Enumerable.Range(0, 32).Select(one => (byte)one)];

    [Fact]
    public void Rename_ByTitle_FindsWhatIsCalledAlike_AndNothingThatCouldBeTwo()
    {
        var titles = new Dictionary<string, string>
        {
            ["a"] = "Godfather, The (1972)",
            ["b"] = "AMÉLIE",
            ["c"] = "Twin",
            ["d"] = "twin!", // called as c is
            ["e"] = "Solaris (1972)", // not the one of 2002
            ["f"] = "Double",
        };
        var matching = new ItemMatching(byTitle: true, key: null);
        var own = new HashSet<string>(titles.Keys) { "untitled", "7" };

        var (items, entries) = matching.Rename(matching.KeysOf(own, titles), own, titles, Map("1", "2", "3", "4", "5", "6", "7", "untitled"),
            Titled("The Godfather (1972)", "Amelie", "Twin", "Solaris (2002)", "Double", "double", "Other", "untitled"));

        Assert.Equal(["a", "b", "3", "4", "5", "6", "catalogue:7", "catalogue:untitled"], Ids(items)); // what the catalogue calls 7 is not what the party does
        Assert.Equal(["The Godfather (1972)", "Amelie", "Twin", "Solaris (2002)", "Double", "double", "Other", "catalogue:untitled"], entries.Titles);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Rename_WithAKey_FindsTheItemsOfACatalogueThatWasAligned(bool byTitle)
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "north"));
        Directory.CreateDirectory(Path.Combine(folder.Path, "south"));
        folder.Write("north/interactions.csv", "user,item,timestamp\nu1,AB-1,1\nu1,n2,2\n");
        folder.Write("north/items.csv", "item,title\nAB-1,Solaris (1972)\nn2,Only north\n");
        folder.Write("south/interactions.csv", "user,item,timestamp\nu2,ab 1,1\nu2,s2,2\n");
        folder.Write("south/items.csv", "item,title\nab 1,SOLARIS (1972)\ns2,Only south\n");
        var salt = folder.Write("salt.txt", Convert.ToHexString(s_secret));
        ItemAlignment.Run(new AlignmentOptions(folder.Path, salt, Path.Combine(folder.Path, "out")) { ById = byTitle is false });
        var aligned = File.ReadAllLines(Path.Combine(folder.Path, "out", "north", "interactions.csv")).Skip(1).Select(line => line.Split(',')[1]).ToArray();
        using var key = SharedSecret.Read(salt);
        var (matching, titles) = (new ItemMatching(byTitle, key), new Dictionary<string, string> { ["AB-1"] = "Solaris (1972)", ["n2"] = "Only north" });
        var own = titles.Keys.ToHashSet();

        var (items, entries) = matching.Rename(matching.KeysOf(own, titles), own, titles, Map(aligned), Titled(aligned));

        Assert.Equal("AB-1", items[0]);
        Assert.Equal("Solaris (1972)", entries.Titles[0]); // a catalogue of hashes has no titles: the party has
        Assert.Equal(aligned[1], items[1]); // of north alone: hashed another way, so that nobody can match it
    }

    [Fact]
    public void Fingerprint_OfOtherTitlesOrAnotherKey_IsAnother()
    {
        using var one = new SharedSecret(s_secret);
        using var two = new SharedSecret([.. s_secret.Reverse()]);
        var (titles, others) = (new Dictionary<string, string> { ["a"] = "Alpha", ["b"] = "Beta" }, new Dictionary<string, string> { ["a"] = "Alpha", ["b"] = "Gamma" });

        string[] all =
        [
            Of(new ItemMatching(true, null), titles), Of(new ItemMatching(true, null), others), Of(new ItemMatching(true, one), titles), Of(new ItemMatching(true, two), titles), Of(new ItemMatching(false, one), titles),
        ];

        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.Equal(all[2], Of(new ItemMatching(true, one), titles));
        Assert.Throws<ArgumentException>(() => new ItemMatching(byTitle: false, key: null));
    }

    private static string Of(ItemMatching matching, Dictionary<string, string> titles) => ItemMatching.Fingerprint(matching.KeysOf(["a", "b"], titles));

    private static IdMap Map(params string[] ids)
    {
        var map = new IdMap();
        Array.ForEach(ids, id => map.GetOrAdd(id));
        return map;
    }

    private static ItemCatalogue Titled(params string[] titles) => new(titles, [.. titles.Select(_ => Array.Empty<string>())]);

    private static IEnumerable<string> Ids(IdMap map) => Enumerable.Range(0, map.Count).Select(item => map[item]);
}
