using System.Globalization;

namespace FedRec.Benchmarks.Orders;

/// <summary>Reads the options of the ablation.</summary>
internal static class OrderCommand
{
    private static readonly string[] s_scorers = ["mf", "ncf", "two-tower", OrderAblation.Rival];

    /// <summary>Runs the ablation.</summary>
    /// <param name="path">The data set.</param>
    /// <param name="options">Pairs of a name and a value.</param>
    /// <returns>0, or 2 when an option is wrong or the data has no times.</returns>
    public static int Run(string path, ReadOnlySpan<string> options)
    {
        var numbers = new Dictionary<string, string[]> { ["--lambda"] = ["50", "100", "200", "500"], ["--kernel"] = ["5", "20"], ["--recency"] = ["2.5", "5", "10"] };
        string[] learners = ["mf", OrderAblation.Rival];
        for (var i = 0; i < options.Length; i += 2)
        {
            var value = i + 1 < options.Length ? options[i + 1] : "";
            if (options[i] == "--learners" && value.Split(',').All(s_scorers.Contains))
            {
                learners = value.Split(',');
                continue;
            }

            if (!numbers.ContainsKey(options[i]) || !double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !(number > 0))
            {
                Console.Error.WriteLine($"'{options[i]} {value}' is not an option of --orders: --lambda, --kernel and --recency, each above 0, and --learners, some of {string.Join(',', s_scorers)}.");
                return 2;
            }

            numbers[options[i]] = [value];
        }

        try
        {
            new OrderAblation(numbers["--lambda"], numbers["--kernel"], numbers["--recency"], learners).Run(path);
            return 0;
        }
        catch (ArgumentException exception)
        {
            Console.Error.WriteLine(exception.Message);
            return 2;
        }
    }
}
