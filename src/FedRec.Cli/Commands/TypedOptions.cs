using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace FedRec.Cli.Commands;

/// <summary>Options with a range, whose errors say what is allowed.</summary>
internal static class TypedOptions
{
    private const double Most = 1e9;

    public static Option<int> Number(string name, string description, int otherwise, int low, int high = int.MaxValue) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result => int.TryParse(Text(result), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= low && value <= high
            ? value : Refuse<int>(result, $"a whole number from {low} to {high}"),
    };

    public static Option<int?> NumberOrNone(string name, string description, int low, int high) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result => int.TryParse(Text(result), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= low && value <= high
            ? value : Refuse<int?>(result, $"a whole number from {low} to {high}"),
    };

    public static Option<ulong> Seed(string description, string name = "--seed") => new(name)
    {
        Description = description,
        HelpName = "S",
        DefaultValueFactory = _ => 1,
        CustomParser = result => ulong.TryParse(Text(result), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value : Refuse<ulong>(result, $"a whole number from 0 to {ulong.MaxValue}"),
    };

    /// <summary>A chance or share in [0, 1], or in [0, 1) when 1 makes no sense.</summary>
    public static Option<double> Share(string name, string description, double otherwise, bool oneAllowed = true) => new(name)
    {
        Description = description,
        HelpName = "P",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result => TryNumber(result, out var value) && value >= 0 && (oneAllowed ? value <= 1 : value < 1)
            ? value : Refuse<double>(result, oneAllowed ? "a number from 0 to 1" : "a number from 0 to less than 1"),
    };

    public static Option<double?> NotNegativeOrNone(string name, string description, double high) => new(name)
    {
        Description = description,
        HelpName = "X",
        CustomParser = result => TryNumber(result, out var value) && value >= 0 && value <= high
            ? value : Refuse<double?>(result, NumberTo(high)),
    };

    /// <summary>A rating on whatever scale.</summary>
    public static Option<float?> RatingOrNone(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "X",
        CustomParser = result => TryNumber(result, out var value) && Math.Abs(value) <= Most ? (float)value
            : Refuse<float?>(result, string.Create(CultureInfo.InvariantCulture, $"a number from -{Most} to {Most}")),
    };

    /// <summary>A number from 0 to 10⁹.</summary>
    public static Option<double> NotNegative(string name, string description, double otherwise = 0) => new(name)
    {
        Description = description,
        HelpName = "X",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result => TryNumber(result, out var value) && value is >= 0 and <= Most ? value : Refuse<double>(result, NumberTo(Most)),
    };

    /// <summary>A number above 0, at most a given one.</summary>
    public static Option<double> Positive(string name, string description, double otherwise, double high = Most) => new(name)
    {
        Description = description,
        HelpName = "X",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result => TryNumber(result, out var value) && value > 0 && value <= high
            ? value : Refuse<double>(result, string.Create(CultureInfo.InvariantCulture, $"a number above 0, at most {high}")),
    };

    public static Option<double?> PositiveOrNone(string name, string description, double high) => new(name)
    {
        Description = description,
        HelpName = "X",
        CustomParser = result => TryNumber(result, out var value) && value > 0 && value <= high
            ? value : Refuse<double?>(result, string.Create(CultureInfo.InvariantCulture, $"a number above 0, at most {high}")),
    };

    public static Option<string> Word(string name, string description, string otherwise, params string[] words) => Word(name, description, otherwise, words, []);

    /// <summary>One of some words; those beside them are understood too, but not shown.</summary>
    public static Option<string> Word(string name, string description, string otherwise, string[] words, string[] beside) => new(name)
    {
        Description = description,
        HelpName = string.Join('|', words),
        DefaultValueFactory = _ => otherwise,
        CustomParser = result => words.Contains(Text(result)) || beside.Contains(Text(result)) ? Text(result) : Refuse<string>(result, $"one of {string.Join(", ", words)}"),
    };

    /// <summary>Some of a few words, separated by commas, each at most once; none when it is left out.</summary>
    public static Option<string> Words(string name, string description, IReadOnlyList<string> words) => new(name)
    {
        Description = description,
        HelpName = string.Join(',', words),
        DefaultValueFactory = _ => "",
        CustomParser = result => Text(result).Split(',') is var given && given.All(words.Contains) && given.Distinct().Count() == given.Length
            ? string.Join(',', words.Where(given.Contains)) : Refuse<string>(result, $"some of {string.Join(", ", words)}, each at most once, separated by commas"),
    };

    public static Option<string?> Text(string name, string description, string helpName) => new(name) { Description = description, HelpName = helpName };

    private static string NumberTo(double high) => string.Create(CultureInfo.InvariantCulture, $"a number from 0 to {high}");

    private static bool TryNumber(ArgumentResult result, out double value) => double.TryParse(Text(result), NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    private static string Text(ArgumentResult result) => result.Tokens[^1].Value;

    private static T Refuse<T>(ArgumentResult result, string allowed)
    {
        var option = (result.Parent as OptionResult)?.Option.Name;
        result.AddError($"{option} is '{Text(result)}'; it must be {allowed}.");
        return default!;
    }
}
