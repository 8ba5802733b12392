using System.Globalization;

namespace FedRec.Benchmarks.Ensembles;

/// <summary>Reads the options of the experiment.</summary>
internal static class EnsembleCommand
{
    /// <summary>Runs the experiment.</summary>
    /// <param name="path">The data set.</param>
    /// <param name="options">Pairs of a name and a value.</param>
    /// <returns>0, or 2 when an option is wrong.</returns>
    public static int Run(string path, ReadOnlySpan<string> options)
    {
        var (seeds, rate, factors) = (3, (double?)null, new Dictionary<string, string>());
        for (var i = 0; i < options.Length; i += 2)
        {
            var value = i + 1 < options.Length ? options[i + 1] : "";
            switch (options[i])
            {
                case "--seeds" when int.TryParse(value, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 10:
                    seeds = count;
                    break;
                case "--server-lr" when double.TryParse(value, CultureInfo.InvariantCulture, out var number) && number > 0:
                    rate = number;
                    break;
                case "--alpha": // the learner checks it
                    factors["alpha"] = value;
                    break;
                default:
                    Console.Error.WriteLine($"'{options[i]} {value}' is not an option of --ensemble: --seeds 1 to 10, --server-lr above 0, --alpha above 0.");
                    return 2;
            }
        }

        EnsembleExperiment.Run(path, seeds, new Member("mf", factors, rate));
        return 0;
    }
}
