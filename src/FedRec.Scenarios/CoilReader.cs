using System.Globalization;
using FedRec.Core.Data;
using FedRec.Core.Randomness;

namespace FedRec.Scenarios;

/// <summary>Reads the customers of the CoIL challenge 2000 (van der Putten and van Someren 2000): insurances held are items, the kind of customer is context.</summary>
/// <remarks>The data has no times, so a customer's products are put in an order drawn from the seed: which one is held out is chance. Customers are
/// dealt to banks by their main type, two types to a bank, as banks differ in whom they serve.</remarks>
internal static class CoilReader
{
    private const string FileName = "ticdata2000.txt";
    private const int Columns = 86, FirstProduct = 64, AgeColumn = 3, TypeColumn = 4, OwnerColumn = 30, IncomeColumn = 41, PowerColumn = 42; // from 0

    private static readonly string[] s_types =
    [
        "successful hedonists", "driven growers", "average family", "career loners", "living well", "cruising seniors", "retired and religious",
        "family with grown ups", "conservative families", "farmers",
    ];

    private static readonly string[] s_ages = ["age 20 to 30", "age 30 to 40", "age 40 to 50", "age 50 to 60", "age 60 to 70", "age 70 to 80"];

    private static readonly string[] s_products =
    [
        "private third party insurance", "third party insurance for firms", "third party insurance for agriculture", "car policy", "delivery van policy",
        "motorcycle policy", "lorry policy", "trailer policy", "tractor policy", "agricultural machines policy", "moped policy", "life insurance",
        "private accident insurance", "family accident insurance", "disability insurance", "fire policy", "surfboard policy", "boat policy", "bicycle policy",
        "property insurance", "social security insurance", "mobile home policy",
    ];

    private static readonly string[] s_agriculture = ["third party insurance for agriculture", "tractor policy", "agricultural machines policy"];

    /// <summary>Rules of the trade: what only farmers and firms need is offered to nobody else.</summary>
    public static ItemCatalogue Rules(ItemCatalogue catalogue) => OfferRule.Apply(
        [
            .. s_agriculture.Select(product => new OfferRule(product, [TypeName(9), .. s_agriculture], [], "only for farmers and those who insure agriculture")),
            new OfferRule("third party insurance for firms", [], [TypeName(6)], "not for the retired"),
        ],
        catalogue);

    /// <summary>Reads <c>ticdata2000.txt</c>, given itself or in a folder.</summary>
    /// <exception cref="DatasetException">A row is not of 86 whole numbers in their ranges.</exception>
    public static GeneratedInteractions Read(string path, IReadOnlyList<string> banks, ulong seed)
    {
        var file = Directory.Exists(path) ? Path.Combine(path, FileName) : path;
        if (!File.Exists(file))
        {
            throw new DatasetException("There is no such file.", $"Give {FileName} of CoIL 2000, or the folder that holds it.", file);
        }

        var rows = new GeneratedInteractions("coil-2000");
        var line = 0;
        foreach (var text in File.ReadLines(file))
        {
            line++;
            AddCustomer(rows, Parse(text, file, line), line, banks, seed);
        }

        return rows;
    }

    private static void AddCustomer(GeneratedInteractions rows, int[] values, int number, IReadOnlyList<string> banks, ulong seed)
    {
        var (bank, customer) = (banks[(values[TypeColumn] - 1) / 2 % banks.Count], $"customer-{number}");
        var held = Enumerable.Range(0, s_products.Length).Where(product => values[FirstProduct + product] > 0).ToArray();
        var random = SeedSequence.For(seed, "coil-order", number);
        random.Shuffle(held.AsSpan());
        for (var i = 0; i < held.Length; i++)
        {
            rows.Describe(s_products[held[i]], s_products[held[i]], ["product"]);
            rows.Add(customer, s_products[held[i]], i + 1, party: bank);
        }

        foreach (var fact in FactsOf(values))
        {
            rows.Describe(fact, fact, ["customer"], isContext: true);
            rows.Add(customer, fact, 0, party: bank);
        }
    }

    private static IEnumerable<string> FactsOf(int[] values) =>
    [
        TypeName(values[TypeColumn] - 1), s_ages[values[AgeColumn] - 1],
        values[OwnerColumn] >= 5 ? "mostly home owners around" : "mostly tenants around",
        $"{Third(values[IncomeColumn], 3, 5)} income", $"{Third(values[PowerColumn], 3, 6)} purchasing power",
    ];

    private static string TypeName(int type) => $"of the type {s_types[type]}";

    private static string Third(int value, int low, int high) => value < low ? "low" : value < high ? "middle" : "high";

    private static int[] Parse(string text, string file, int line)
    {
        var fields = text.Split('\t');
        var values = new int[fields.Length];
        if (fields.Length == Columns && Enumerable.Range(0, Columns).All(i => int.TryParse(fields[i], NumberStyles.None, CultureInfo.InvariantCulture, out values[i]))
            && values[TypeColumn] is >= 1 and <= 10 && values[AgeColumn] is >= 1 and <= 6)
        {
            return values;
        }

        throw new DatasetException(
            $"The row has {fields.Length} fields, main type {fields.ElementAtOrDefault(TypeColumn)} and age group {fields.ElementAtOrDefault(AgeColumn)}; it must be {Columns} whole numbers, with types 1 to 10 and age groups 1 to 6.",
            $"Use {FileName} as it is published, without a header.", file, line);
    }
}
