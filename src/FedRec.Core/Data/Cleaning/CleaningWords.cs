namespace FedRec.Core.Data.Cleaning;

/// <summary>Cleaning rules as people write them: <c>duplicates,bots,outliers</c>.</summary>
public static class CleaningWords
{
    /// <summary>The words, in the order in which they are shown.</summary>
    public static IReadOnlyList<string> All { get; } = ["duplicates", "bots", "outliers"];

    /// <summary>Reads words that are separated by commas, in any order; nothing gives <see cref="CleaningRules.None"/>.</summary>
    /// <exception cref="ArgumentException">A word is not known, empty, or given twice; the message says which.</exception>
    public static CleaningRules Parse(string words)
    {
        var rules = CleaningRules.None;
        foreach (var word in words.Length == 0 ? [] : words.Split(',', StringSplitOptions.TrimEntries))
        {
            var position = All.TakeWhile(known => known != word).Count();
            var rule = (CleaningRules)(1 << position);
            if (position == All.Count || rules.HasFlag(rule))
            {
                throw new ArgumentException($"clean is '{words}'; it must be some of {string.Join(", ", All)}, each at most once, separated by commas.");
            }

            rules |= rule;
        }

        return rules;
    }

    /// <summary>The words of rules, separated by commas; the inverse of <see cref="Parse"/>.</summary>
    public static string Of(CleaningRules rules) => string.Join(',', All.Where((_, position) => rules.HasFlag((CleaningRules)(1 << position))));
}
