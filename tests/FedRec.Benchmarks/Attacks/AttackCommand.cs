using System.Globalization;
using FedRec.Core.Data;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Core.Federation;

namespace FedRec.Benchmarks.Attacks;

/// <summary><c>--attacks</c>: what malicious clients do to a federation of <c>mf</c> by local SGD, and what an aggregator keeps them from.</summary>
internal static class AttackCommand
{
    private const int AtOnce = 2; // a run is one thread

    /// <summary>Reads the options and runs.</summary>
    /// <returns>0, or 2 when an option is wrong.</returns>
    public static int Run(string path, string[] arguments)
    {
        if (AttackOptions.Read(arguments) is not { } options)
        {
            return 2;
        }

        var data = DatasetSource.Open(new DatasetOptions { Path = path, HoldOutValidation = options.OnValidation });
        var split = options.OnValidation ? EvaluationSplit.Validation(data) : EvaluationSplit.Test(data);
        var trial = new AttackTrial(data, split, options.Learner, options.Rounds) { Weighting = options.Weighting };
        Say($"{data.Name}: mf {string.Join(' ', options.Learner.Select(option => $"{option.Key}={option.Value}"))}, {data.Users.Count} honest clients, all in each round; {(options.OnValidation ? "validation" : "test")} items, seeds 1 to {options.Seeds}");
        Say($"chance ER@10 {10.0 / data.Items.Count:F4}");
        Say($"{"aggregator",-22} {"attack",-14} {"share",6} {"ER@10",16} {"NDCG@10",16} {"loss",7} {"s",6}");
        foreach (var (aggregator, trim) in options.Aggregators)
        {
            var clean = Print(trial, options, aggregator, trim, "none", null, 0, null);
            foreach (var attack in options.Attacks)
            {
                foreach (var share in options.Shares)
                {
                    Print(trial, options, aggregator, trim, attack, AttackOptions.All[attack], share, clean);
                }
            }
        }

        return 0;
    }

    private static double Print(AttackTrial trial, AttackOptions options, string aggregator, double trim, string name, Func<Knowledge, IAttack>? attack, double share, double? clean)
    {
        var (outcomes, clock) = (new Outcome[options.Seeds], System.Diagnostics.Stopwatch.StartNew());
        Parallel.For(0, outcomes.Length, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, i => outcomes[i] = trial.Run(attack, share, aggregator, trim, (ulong)i + 1));
        var quality = outcomes.Average(one => one.Ndcg);
        Say($"{aggregator + (trim > 0 ? string.Create(CultureInfo.InvariantCulture, $" {trim}") : ""),-22} {name,-14} {share,6:P0} {Spread(outcomes, one => one.ExposureRatio),16} {Spread(outcomes, one => one.Ndcg),16} {(clean is { } before ? 1 - (quality / before) : 0),7:P1} {clock.Elapsed.TotalSeconds,6:F0}");
        return quality;
    }

    // Mean and standard deviation over seeds.
    private static string Spread(Outcome[] outcomes, Func<Outcome, double> of)
    {
        var mean = outcomes.Average(of);
        var deviation = outcomes.Length < 2 ? 0 : Math.Sqrt(outcomes.Sum(one => Math.Pow(of(one) - mean, 2)) / (outcomes.Length - 1));
        return string.Create(CultureInfo.InvariantCulture, $"{mean:F4} ± {deviation:F4}");
    }

    private static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}

/// <summary>What is asked of <c>--attacks</c>.</summary>
internal sealed record AttackOptions
{
    /// <summary>All attacks by name.</summary>
    public static IReadOnlyDictionary<string, Func<Knowledge, IAttack>> All { get; } = new Dictionary<string, Func<Knowledge, IAttack>>([.. AttackList.Promoting, .. AttackList.Untargeted]);

    public string[] Attacks { get; private init; } = [.. AttackList.Promoting.Keys, .. AttackList.Untargeted.Keys];

    public double[] Shares { get; private init; } = [0.01, 0.05];

    public (string Name, double Trim)[] Aggregators { get; private init; } = [("mean", 0)];

    public int Seeds { get; private init; } = 3;

    public int Rounds { get; private init; }

    public string? Weighting { get; private init; }

    public bool OnValidation { get; private init; }

    public Dictionary<string, string> Learner { get; private init; } = new() { ["objective"] = "logistic" };

    /// <summary>Reads them; says what is wrong and gives null where something is.</summary>
    public static AttackOptions? Read(string[] arguments)
    {
        var options = new AttackOptions();
        for (var i = 0; i < arguments.Length; i += 2)
        {
            var value = i + 1 < arguments.Length ? arguments[i + 1] : "";
            try
            {
                options = options.With(arguments[i], value);
            }
            catch (Exception e) when (e is ArgumentException or FormatException)
            {
                Console.Error.WriteLine($"'{arguments[i]} {value}' is not an option of --attacks: {e.Message}");
                Console.Error.WriteLine($"Options: --attack {string.Join(',', All.Keys)}; --shares 0.01,0.05; --aggregators mean,NAME=NUMBER; --seeds 3; --rounds 100; --weighting uniform; --on test|validation; --mf objective=bpr,dims=32.");
                return null;
            }
        }

        return options;
    }

    private AttackOptions With(string name, string value) => name switch
    {
        "--attack" => this with { Attacks = value is "none" ? [] : [.. value.Split(',').Select(one => All.ContainsKey(one) ? one : throw new ArgumentException($"there is no attack '{one}'"))] },
        "--shares" => this with { Shares = [.. value.Split(',').Select(Number).Select(share => share is > 0 and < 1 ? share : throw new ArgumentException("a share is above 0 and below 1"))] },
        "--aggregators" => this with { Aggregators = [.. value.Split(',').Select(Aggregator)] },
        "--seeds" => this with { Seeds = int.Parse(value, CultureInfo.InvariantCulture) is >= 1 and <= 10 and var seeds ? seeds : throw new ArgumentException("1 to 10 seeds") },
        "--weighting" => this with { Weighting = value },
        "--rounds" => this with { Rounds = int.Parse(value, CultureInfo.InvariantCulture) },
        "--on" => this with { OnValidation = value == "validation" || (value == "test" ? false : throw new ArgumentException("test or validation")) },
        "--mf" => this with { Learner = value.Split(',').Select(one => one.Split('=', 2)).ToDictionary(one => one[0], one => one.Length > 1 ? one[1] : throw new ArgumentException("NAME=VALUE")) },
        _ => throw new ArgumentException("there is no such option"),
    };

    private static (string, double) Aggregator(string text)
    {
        var parts = text.Split('=', 2);
        var trim = parts.Length > 1 ? Number(parts[1]) : 0;
        _ = FederationParts.BuiltIn().Aggregator(parts[0], trim);
        return (parts[0], trim);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
