using System.Globalization;
using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Metrics;

namespace FedRec.Benchmarks.CrossDomain;

/// <summary>HR@10 and NDCG@10 of two scorers on some users.</summary>
internal static class UserGain
{
    /// <summary>Says what the last lines of an experiment are.</summary>
    public const string AllSeeds = "all seeds, intervals over users (one drawn under several seeds is one user):";

    private const int Fewest = 40; // replicates that sums of one user are made with; only their means are read

    /// <summary>Compares on users, each of which counts under its number in the whole data.</summary>
    /// <remarks>So sums of several seeds can be added: a user who is drawn under several of them has the same weight in all, users are
    /// independent of each other, and the interval is one over users of the mean of all that were measured.</remarks>
    public static BootstrapSums Of(Dataset data, IScorer first, IScorer second, IEnumerable<int> users)
    {
        var split = EvaluationSplit.Test(data);
        var frame = EvaluationFrame.Of(split, [10]);
        var evaluator = new PairedEvaluator(split, frame);
        var sums = PairedEvaluator.NewSums(frame, BootstrapSums.DefaultReplicates, seed: 0);
        foreach (var user in users)
        {
            var own = PairedEvaluator.NewSums(frame, Fewest, seed: 0);
            evaluator.Evaluate(first, second, [user], own);
            var values = own.Finish();
            sums.Add(NumberedRows.Number(data.Users, user), [.. values.Select(value => value.First)], [.. values.Select(value => value.Second)]);
        }

        return sums;
    }

    /// <summary>The sums of all seeds.</summary>
    public static BootstrapSums Pool(IReadOnlyList<BootstrapSums> seeds)
    {
        var pooled = new BootstrapSums(seeds[0].Metrics);
        foreach (var sums in seeds)
        {
            pooled.Add(sums.ToBytes());
        }

        return pooled;
    }

    /// <summary>Prints a line for each metric: what was measured, and by how much it is above its rivals.</summary>
    /// <remarks>The better rival is found on the test items themselves, which makes the gain look smaller, never larger.</remarks>
    /// <param name="setting">Of whom and when, for the reader.</param>
    /// <param name="name">What is compared with the rivals.</param>
    /// <param name="rivals">It as the first, against each rival as the second.</param>
    public static void Print(string setting, string name, params (string Name, BootstrapSums Sums)[] rivals)
    {
        foreach (var (metric, label) in rivals[0].Sums.Metrics.Index())
        {
            var measured = rivals.Select(rival => (rival.Name, One: rival.Sums.Finish()[metric])).ToArray();
            var values = string.Concat(measured.Select(rival => string.Create(CultureInfo.InvariantCulture, $" {rival.Name} {rival.One.Second:F4}")));
            var gains = string.Join(", ", measured.Select(rival => $"− {rival.Name} {Words(rival.One)}"));
            var better = measured.Length > 1 ? $"; better rival: {measured.MaxBy(rival => rival.One.Second).Name}" : "";
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {setting} {label,-8} {name} {measured[0].One.First:F4}{values}; {name} {gains}{better}"));
        }
    }

    private static string Words(PairedDifference one) => $"{Signed(one.Difference)} [{Signed(one.Low)}, {Signed(one.High)}]";

    // Rounded first, and + 0.0 for the zero without a sign: a format with a part for each sign writes "-+0.0000" otherwise.
    private static string Signed(double value) => (Math.Round(value, 4) + 0.0).ToString("+0.0000;-0.0000", CultureInfo.InvariantCulture);
}
