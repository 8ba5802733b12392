using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace FedRec.Contracts.RemoteParties;

/// <summary>Why a party would not do what it was asked.</summary>
/// <param name="Update">What it was asked for; of an evaluation the run, and the round that the model is of.</param>
/// <param name="Reason">In the party's words, which nobody has checked: at most 500 characters, none of which steers a terminal.</param>
/// <param name="At">When it said so.</param>
[GenerateSerializer, Immutable, Alias("fedrec.party-refusal")]
public sealed record PartyRefusal(
    [property: Id(0)] PartyUpdateId Update,
    [property: Id(1)] string Reason,
    [property: Id(2)] DateTimeOffset At)
{
    /// <summary>Whether it was asked to evaluate; else to train. Default: false.</summary>
    [Id(3)] public bool OfEvaluation { get; init; }

    /// <summary>Refusals that are kept, the newest last.</summary>
    public const int Most = 16;

    /// <summary>Characters (UTF-16) of a reason that are kept.</summary>
    public const int LongestReason = 500;

    /// <summary>A reason as it is kept: cut, with U+FFFD for whatever is no text: control characters, ends of lines, marks that turn the direction of writing, halves of characters.</summary>
    public static string Kept(string reason)
    {
        var kept = new StringBuilder(Math.Min(reason.Length, LongestReason));
        foreach (var rune in reason.EnumerateRunes())
        {
            var shown = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator ? Rune.ReplacementChar : rune;
            if (kept.Length + shown.Utf16SequenceLength > LongestReason)
            {
                break;
            }

            kept.Append(shown);
        }

        return kept.ToString();
    }

    /// <summary>The refusals with one more.</summary>
    public static ImmutableArray<PartyRefusal> With(ImmutableArray<PartyRefusal> refusals, PartyRefusal next) =>
        [.. (refusals.IsDefault ? [] : refusals).Append(next).TakeLast(Most)]; // stored before there were any
}
