using System.Globalization;

namespace FedRec.Core.Data;

/// <summary>Turns the fields of a row into an interaction, or says why it cannot.</summary>
internal sealed class RowParser(InteractionLog log, RowTally tally)
{
    /// <summary>Which columns the file has besides user and item.</summary>
    public bool HasRating { get; init; }

    /// <inheritdoc cref="HasRating"/>
    public bool HasTimestamp { get; init; }

    /// <inheritdoc cref="HasRating"/>
    public bool HasSplit { get; init; }

    /// <inheritdoc cref="HasRating"/>
    public bool HasParty { get; init; }

    /// <summary>Adds a row to the log or to the refused ones. Ids come last, so that a refused row leaves no id behind.</summary>
    public void Add(long line, ReadOnlySpan<char> user, ReadOnlySpan<char> item, ReadOnlySpan<char> rating, ReadOnlySpan<char> timestamp, ReadOnlySpan<char> split, ReadOnlySpan<char> party = default)
    {
        tally.Count();
        user = user.Trim();
        item = item.Trim();
        party = party.Trim();
        var ratingValue = 0f;
        var time = 0L;
        var part = InteractionSplit.Train;
        var reason = Id(user, "user") ?? Id(item, "item")
            ?? (HasRating ? Rating(rating.Trim(), out ratingValue) : null)
            ?? (HasTimestamp ? Time(timestamp.Trim(), out time) : null)
            ?? (HasSplit ? Split(split.Trim(), out part) : null)
            ?? (HasParty ? Party(party) : null);
        if (reason is not null)
        {
            tally.Refuse(line, reason);
            return;
        }

        if (HasParty)
        {
            log.AddOf(party.ToString(), user, item, HasRating ? ratingValue : null, HasTimestamp ? time : null, HasSplit ? part : null);
            return;
        }

        log.Add(user, item, HasRating ? ratingValue : null, HasTimestamp ? time : null, HasSplit ? part : null);
    }

    private static string? Id(ReadOnlySpan<char> id, string name) =>
        id.IsEmpty ? $"the {name} is missing"
        : id.Contains('\uFFFD') ? $"the {name} '{Short(id)}' is not valid UTF-8"
        : null;

    // With the separator in a name, two users of two parties could have one id.
    private static string? Party(ReadOnlySpan<char> party) => Id(party, "party")
        ?? (party.Contains(InteractionLog.PartySeparator) ? $"the party '{Short(party)}' has a {InteractionLog.PartySeparator} in its name" : null);

    private static string? Rating(ReadOnlySpan<char> text, out float rating)
    {
        rating = 0;
        return text.IsEmpty ? "the rating is missing"
            : float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out rating) && float.IsFinite(rating) ? null
            : $"the rating '{Short(text)}' is not a finite number";
    }

    private static string? Time(ReadOnlySpan<char> text, out long time)
    {
        time = 0;
        return text.IsEmpty ? "the timestamp is missing"
            : Timestamp.TryParse(text, out time) ? null
            : $"the timestamp '{Short(text)}' is neither a number of seconds nor a date such as 2024-01-31 or 2024-01-31T12:00:00Z";
    }

    private static string? Split(ReadOnlySpan<char> text, out InteractionSplit split)
    {
        split = text.Equals("test", StringComparison.OrdinalIgnoreCase) ? InteractionSplit.Test : InteractionSplit.Train;
        return split == InteractionSplit.Test || text.Equals("train", StringComparison.OrdinalIgnoreCase) ? null
            : text.IsEmpty ? "the split is missing"
            : $"the split '{Short(text)}' is neither train nor test";
    }

    private static string Short(ReadOnlySpan<char> text) => text.Length <= 40 ? text.ToString() : $"{text[..40]}…";
}
