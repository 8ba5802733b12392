namespace FedRec.Core.Data.Scenarios;

/// <summary>An <see cref="EligibilityRule"/> by titles, before items have numbers.</summary>
/// <param name="Offer">Title of what is offered.</param>
/// <param name="RequiresAny">Titles of which the customer must have one; empty for no such condition.</param>
/// <param name="Excludes">Titles of which the customer must have none.</param>
/// <param name="Words">The rule in words.</param>
internal sealed record OfferRule(string Offer, IReadOnlyList<string> RequiresAny, IReadOnlyList<string> Excludes, string Words)
{
    /// <summary>Adds rules to a catalogue. A rule about something that nobody has is left out; so are titles in it that nobody has.</summary>
    public static ItemCatalogue Apply(IEnumerable<OfferRule> rules, ItemCatalogue catalogue)
    {
        var numbers = catalogue.Titles.Select((title, item) => (title, item)).ToDictionary(pair => pair.title, pair => pair.item, StringComparer.Ordinal);
        List<int> Known(IEnumerable<string> titles) => [.. titles.Where(numbers.ContainsKey).Select(title => numbers[title])];
        return catalogue with
        {
            Eligibility =
            [
                .. rules.Where(rule => numbers.ContainsKey(rule.Offer))
                    .Select(rule => new EligibilityRule(numbers[rule.Offer], Known(rule.RequiresAny), Known(rule.Excludes), rule.Words)),
            ],
        };
    }
}
