using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using FedRec.Contracts.Recommendations;

namespace FedRec.Cli.Commands;

/// <summary>What somebody has met, as written on the line: <c>i1,i2</c> or <c>i1=4.5,i2=3</c>; an id with a comma or an equals sign stands in
/// double quotes, in which two stand for one: <c>"Brazil, 1985"=4</c>.</summary>
internal static class MetItems
{
    private const string Form = "--items is a list such as i1,i2 or, with ratings, i1=4.5,i2=3; an id with a comma or an equals sign stands in double quotes: \"a,b\",c.";

    public static Option<ImmutableArray<MetItem>> Option() => new("--items")
    {
        Description = "Instead of a user: items that somebody has met who is in no client's data, with ratings or without; nothing is stored. May be repeated.",
        HelpName = "ITEM[=RATING],…",
        CustomParser = Read,
    };

    private static ImmutableArray<MetItem> Read(ArgumentResult result)
    {
        var items = result.Tokens.SelectMany(token => Split(token.Value)).ToArray();
        if (items.FirstOrDefault(item => item.Item.Length == 0 || item.Rating is { } rating && !float.IsFinite(rating)) is not null)
        {
            result.AddError(Form);
        }
        else if (items.DistinctBy(item => item.Rating is null).Count() > 1)
        {
            result.AddError("--items has ratings for some items only; give all of them one, or none.");
        }

        return [.. items];
    }

    /// <summary>The items of one list; one that cannot be read has no id.</summary>
    internal static IEnumerable<MetItem> Split(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            var (id, end) = text[at..].TrimStart().StartsWith('"') ? Quoted(text, text.IndexOf('"', at)) : (null, at);
            var comma = text.IndexOf(',', end) is >= 0 and var found ? found : text.Length;
            var rest = text[end..comma].Trim();
            if (id is not null || rest.Length > 0)
            {
                yield return id is null ? ReadOne(rest) : rest.Length == 0 ? new MetItem(id) : rest[0] == '=' ? Rated(id, rest[1..]) : new MetItem("");
            }

            at = comma;
        }
    }

    // The id between the quotes, and where what follows them begins.
    private static (string Id, int End) Quoted(string text, int open)
    {
        for (var close = text.IndexOf('"', open + 1); close >= 0; close = text.IndexOf('"', close + 2))
        {
            if (close + 1 >= text.Length || text[close + 1] != '"')
            {
                return (text[(open + 1)..close].Replace("\"\"", "\"", StringComparison.Ordinal), close + 1);
            }
        }

        return ("", text.Length);
    }

    private static MetItem ReadOne(string text) => text.LastIndexOf('=') is >= 0 and var sign ? Rated(text[..sign], text[(sign + 1)..]) : new MetItem(text);

    private static MetItem Rated(string id, string rating) =>
        new(id, float.TryParse(rating, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : float.NaN);
}
