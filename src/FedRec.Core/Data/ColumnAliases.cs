namespace FedRec.Core.Data;

/// <summary>The names under which tables of the field carry the same column.</summary>
/// <remarks>Names are compared without case, spaces, dashes, underscores, and without a type such as <c>:token</c> (RecBole).
/// Earlier names win.</remarks>
internal static class ColumnAliases
{
    public static readonly string[] User = ["user", "userid", "uid", "customer", "customerid", "client", "clientid", "member", "memberid", "visitor", "visitorid", "reviewer", "reviewerid", "subjectid", "patient", "patientid"];
    public static readonly string[] Item = ["item", "itemid", "iid", "movie", "movieid", "product", "productid", "article", "articleid", "book", "bookid", "track", "trackid", "song", "songid", "sku", "isbn", "asin", "parentasin"];
    public static readonly string[] Rating = ["rating", "score", "stars", "overall", "bookrating"];
    public static readonly string[] Timestamp = ["timestamp", "ts", "time", "unixtime", "unixreviewtime", "datetime", "date"];
    public static readonly string[] Split = ["split", "subset"];
    public static readonly string[] Party = ["party", "organisation", "organization", "org", "silo", "hospital", "bank", "shop"];
    public static readonly string[] Title = ["title", "name", "itemname", "label"];
    public static readonly string[] Year = ["year", "releaseyear", "yearofpublication", "publicationyear"];
    public static readonly string[] Tags = ["tags", "genres", "genre", "categories", "category"];

    /// <summary>The position of a column, or −1.</summary>
    public static int Find(IReadOnlyList<string> columns, string[] aliases)
    {
        var names = columns.Select(Normalize).ToList();
        return aliases.Select(alias => names.IndexOf(alias)).FirstOrDefault(i => i >= 0, -1);
    }

    private static string Normalize(string column) =>
        string.Concat(column.Split(':')[0].Where(char.IsLetterOrDigit)).ToLowerInvariant();
}
