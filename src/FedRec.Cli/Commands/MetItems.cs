using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using FedRec.Contracts.Recommendations;

namespace FedRec.Cli.Commands;

/// <summary>What somebody has met, as written on the line: <c>i1,i2</c> or <c>i1=4.5,i2=3</c>.</summary>
internal static class MetItems
{
    public static Option<ImmutableArray<MetItem>> Option() => new("--items")
    {
        Description = "Instead of a user: items that somebody has met who is in no client's data, with ratings or without; nothing is stored.",
        HelpName = "ITEM[=RATING],…",
        AllowMultipleArgumentsPerToken = true,
        CustomParser = Read,
    };

    private static ImmutableArray<MetItem> Read(ArgumentResult result)
    {
        var items = result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Select(ReadOne).ToArray();
        if (items.FirstOrDefault(item => item.Item.Length == 0 || item.Rating is { } rating && !float.IsFinite(rating)) is not null)
        {
            result.AddError("--items is a list such as i1,i2 or, with ratings, i1=4.5,i2=3.");
        }
        else if (items.DistinctBy(item => item.Rating is null).Count() > 1)
        {
            result.AddError("--items has ratings for some items only; give all of them one, or none.");
        }

        return [.. items];
    }

    private static MetItem ReadOne(string text)
    {
        var sign = text.LastIndexOf('=');
        return sign < 0 ? new MetItem(text)
            : float.TryParse(text.AsSpan(sign + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var rating) ? new MetItem(text[..sign], rating)
            : new MetItem(text[..sign], float.NaN);
    }
}
