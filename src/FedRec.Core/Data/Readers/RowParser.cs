using System.Globalization;
using FedRec.Core.Data.Behaviours;
using FedRec.Core.Data.Splits;
using FedRec.Core.Data.Times;

namespace FedRec.Core.Data.Readers;

/// <summary>Turns the fields of a row into an interaction, or says why it cannot.</summary>
internal sealed class RowParser(InteractionLog log, RowTally tally, InteractionColumns columns, ReadingOptions options)
{
    private readonly TimeColumn _times = new(log);
    private readonly KindWords _kinds = KindWords.Parse(options.Kinds);

    /// <summary>What the times count, once all rows have been read; null without times.</summary>
    public string? Times => _times.Words;

    /// <summary>What is in doubt about the times; null when nothing is.</summary>
    public string? TimeNote => _times.Note;

    /// <summary>Adds a row to the log or to the refused ones. Ids come last, so that a refused row leaves no id behind.</summary>
    public void Add(ITable row)
    {
        tally.Count();
        var user = row.Field(columns.User);
        var item = row.Field(columns.Item);
        var party = row.Field(columns.Party).Trim();
        var (rating, time) = (0f, default(TimeText));
        var (part, kind) = (InteractionSplit.Train, EventKind.View);
        var reason = Id(user, "user") ?? Id(item, "item")
            ?? (columns.Kind >= 0 ? Kind(row.Field(columns.Kind).Trim(), out kind) : null)
            ?? (columns.Rating >= 0 ? RatingOf(kind, row.Field(columns.Rating).Trim(), out rating) : null)
            ?? (columns.Time >= 0 ? Time(row.Field(columns.Time).Trim(), out time) : null)
            ?? (columns.Split >= 0 ? Split(row.Field(columns.Split).Trim(), out part) : null)
            ?? (columns.Party >= 0 ? Party(party) : null);
        if (reason is not null)
        {
            tally.Refuse(row.Line, reason);
            return;
        }

        var at = columns.Time >= 0 ? _times.Next(time) : (long?)null;
        if (columns.Party >= 0)
        {
            log.AddOf(party.ToString(), user, item, columns.Rating >= 0 ? rating : null, at, columns.Split >= 0 ? part : null, columns.Kind >= 0 ? kind : null);
            return;
        }

        log.Add(user, item, columns.Rating >= 0 ? rating : null, at, columns.Split >= 0 ? part : null, columns.Kind >= 0 ? kind : null);
    }

    /// <summary>To be called behind the last row: only now it is known what the times count.</summary>
    /// <exception cref="DatasetException">The times of the file contradict each other.</exception>
    public void Finish(string file) => _times.Finish(file);

    private string? Id(ReadOnlySpan<char> id, string name) =>
        id.IsWhiteSpace() ? $"the {name} is missing"
        : id.Contains('\0') ? $"the {name} has a NUL character"
        : id.Contains('\uFFFD') ? $"the {name} '{Short(id)}' is not valid {(options.Encoding ?? "UTF-8")}; --encoding says how the file is written, such as latin1"
        : null;

    private string? Kind(ReadOnlySpan<char> text, out EventKind kind)
    {
        kind = default;
        return text.IsEmpty ? "the kind is missing"
            : _kinds.TryParse(text, out kind) ? null
            : $"the kind '{Short(text)}' is none of {EventKinds.Names}; --kinds {Short(text)}=view says what it means, for example";
    }

    // Where rows have kinds, only ratings need a rating.
    private string? RatingOf(EventKind kind, ReadOnlySpan<char> text, out float rating)
    {
        rating = float.NaN;
        return columns.Kind >= 0 && kind != EventKind.Rating && text.IsEmpty ? null : Rating(text, out rating);
    }

    // With the separator in a name, two users of two parties could have one id.
    private string? Party(ReadOnlySpan<char> party) => Id(party, "party")
        ?? (party.Contains(InteractionLog.PartySeparator) ? $"the party '{Short(party)}' has a {InteractionLog.PartySeparator} in its name" : null);

    private static string? Rating(ReadOnlySpan<char> text, out float rating)
    {
        rating = 0;
        return text.IsEmpty ? "the rating is missing"
            : float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out rating) && float.IsFinite(rating) ? null
            : $"the rating '{Short(text)}' is not a finite number";
    }

    private static string? Time(ReadOnlySpan<char> text, out TimeText time)
    {
        time = default;
        return text.IsEmpty ? "the timestamp is missing"
            : TimeText.TryParse(text, out time) ? null
            : $"the timestamp '{Short(text)}' is neither a number of seconds nor a date such as 2024-01-31 or 2024-01-31T12:00:00Z";
    }

    private static string? Split(ReadOnlySpan<char> text, out InteractionSplit split)
    {
        split = text.Equals("train", StringComparison.OrdinalIgnoreCase) || text.Equals("training", StringComparison.OrdinalIgnoreCase) ? InteractionSplit.Train
            : text.Equals("test", StringComparison.OrdinalIgnoreCase) || text.Equals("testing", StringComparison.OrdinalIgnoreCase) ? InteractionSplit.Test
            : InteractionSplit.Validation;
        return text.IsEmpty ? "the split is missing"
            : split != InteractionSplit.Validation || IsValidation(text) ? null
            : $"the split '{Short(text)}' is none of train, validation and test";
    }

    private static bool IsValidation(ReadOnlySpan<char> text) =>
        text.Equals("validation", StringComparison.OrdinalIgnoreCase) || text.Equals("valid", StringComparison.OrdinalIgnoreCase)
        || text.Equals("val", StringComparison.OrdinalIgnoreCase) || text.Equals("dev", StringComparison.OrdinalIgnoreCase);

    private static string Short(ReadOnlySpan<char> text) => text.Length <= 40 ? text.ToString() : $"{text[..40]}…";
}
