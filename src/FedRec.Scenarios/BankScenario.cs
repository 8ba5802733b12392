using FedRec.Core.Data;

namespace FedRec.Scenarios;

/// <summary>Banks: what is known of a customer and the products held are known, further products are ranked, and only eligible ones offered.</summary>
internal static class BankScenario
{
    private const int Customers = 1_500;
    private const string Product = "product";
    private const string Protocol = "one product of each customer, drawn at random, held out, all products ranked that the customer is eligible for, training items removed, ties averaged; what a rule forbids is never found";
    private static readonly string[] s_banks = ["bank-1", "bank-2", "bank-3", "bank-4", "bank-5"];

    private static readonly Profile[] s_profiles =
    [
        new(["student", "age 20 to 29"], [("student current account", Product), ("debit card", Product), ("travel insurance", Product)]),
        new(["first job", "age 20 to 29"], [("salary account", Product), ("credit card", Product), ("mobile phone insurance", Product), ("savings plan", Product)]),
        new(["young family", "home owner"], [("mortgage", Product), ("home insurance", Product), ("term life insurance", Product), ("family liability insurance", Product)]),
        new(["car owner"], [("car loan", Product), ("car policy", Product), ("breakdown cover", Product)]),
        new(["high income", "age 40 to 59"], [("investment fund", Product), ("premium credit card", Product), ("private pension", Product), ("legal insurance", Product)]),
        new(["self-employed"], [("business account", Product), ("business loan", Product), ("professional liability insurance", Product), ("disability insurance", Product)]),
        new(["farmer"], [("tractor policy", Product), ("agricultural loan", Product), ("crop insurance", Product)]),
        new(["retired", "age 60 or more"], [("annuity", Product), ("fixed-term deposit", Product), ("funeral insurance", Product)]),
    ];

    private static readonly (string Title, string Kind)[] s_common = [("current account", Product), ("online banking", Product), ("savings account", Product)];

    private static readonly OfferRule[] s_rules =
    [
        new("home insurance", ["home owner", "mortgage"], [], "only for home owners"),
        new("breakdown cover", ["car owner", "car policy", "car loan"], [], "only for car owners"),
        new("student current account", ["student"], ["retired"], "only for students"),
        new("business loan", ["self-employed", "business account"], [], "only for the self-employed"),
        new("crop insurance", ["farmer", "tractor policy", "agricultural loan"], [], "only for farmers"),
        new("annuity", [], ["student"], "not for students"),
    ];

    public static Dataset Open(DatasetOptions options)
    {
        if (options.Path is not null)
        {
            return CoilReader.Read(options.Path, s_banks, options.SyntheticSeed).ToDataset(options, (catalogue, _) => CoilReader.Rules(catalogue), Protocol);
        }

        var rows = new GeneratedInteractions("bank (made up)");
        new ProfileModel(s_profiles, s_common, "customer", s_banks).AddPeople(rows, Customers, options.SyntheticSeed, "customer-");
        return rows.ToDataset(options, (catalogue, _) => OfferRule.Apply(s_rules, catalogue), Protocol);
    }
}

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
