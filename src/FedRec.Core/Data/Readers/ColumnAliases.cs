namespace FedRec.Core.Data.Readers;

/// <summary>The names under which tables of the field carry the same column.</summary>
/// <remarks>Names are compared without case, spaces, dashes, underscores, and without a type such as <c>:token</c> (RecBole).
/// Earlier names win: an id before a name for people.</remarks>
internal static class ColumnAliases
{
    public static readonly string[] User =
    [
        "userid", "uid", "user", "useridx", "customerid", "customer", "clientid", "client", "memberid", "member", "visitorid", "visitor", "reviewerid", "reviewer",
        "subjectid", "patientid", "patient", "accountid", "account", "personid", "userhash", "sessionid", "session",
    ];

    public static readonly string[] Item =
    [
        "itemid", "iid", "item", "itemidx", "movieid", "movie", "productid", "product", "parentasin", "asin", "articleid", "article", "bookid", "isbn", "book",
        "videoid", "video", "artistid", "artist", "trackid", "track", "songid", "song", "sku", "stockcode", "businessid", "business", "newsid", "contentid",
        "goodsid", "animeid", "anime", "gameid", "game", "recipeid", "recipe", "venueid", "venue", "poiid", "poi", "beerid", "jokeid", "adid", "offerid", "showid",
    ];

    public static readonly string[] Rating = ["rating", "score", "stars", "overall", "bookrating", "reviewscore", "weight", "playcount", "plays", "listens"];

    public static readonly string[] Timestamp =
    [
        "timestamp", "ts", "unixreviewtime", "unixtime", "unixtimestamp", "eventtimestamp", "timestampms", "eventtime", "time", "datetime", "date", "eventdate",
        "tdat", "orderdate", "orderdatetime", "ordertime", "invoicedate", "transactiondate", "purchasedate", "reviewdate", "reviewtime", "visitdate", "clicktime",
        "interactiontime", "utctime", "servertime", "createdat", "created", "dateadded", "addedat", "playedat", "ratedat", "when",
    ];

    public static readonly string[] Kind = ["kind", "event", "eventkind", "eventtype", "behavior", "behaviour", "behaviortype", "behaviourtype", "action", "actiontype", "interactiontype"];
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

    /// <summary>Whether a name speaks of time: <c>order_date</c>, <c>clicked_at</c>, <c>tStamp</c>.</summary>
    public static bool SpeaksOfTime(string column) =>
        Normalize(column) is var name && (s_timeParts.Any(part => name.Contains(part, StringComparison.Ordinal)) || name.EndsWith("at", StringComparison.Ordinal) || name.EndsWith("ts", StringComparison.Ordinal));

    private static readonly string[] s_timeParts = ["time", "date", "stamp", "when", "tdat", "unix", "epoch"];

    private static string Normalize(string column) =>
        string.Concat(column.Split(':')[0].Where(char.IsLetterOrDigit)).ToLowerInvariant();
}
