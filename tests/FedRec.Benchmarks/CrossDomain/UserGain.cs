using System.Globalization;
using FedRec.Core.Data;
using FedRec.Core.Evaluation;

namespace FedRec.Benchmarks.CrossDomain;

/// <summary>HR@10 and NDCG@10 of two scorers on some users.</summary>
internal static class UserGain
{
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

    /// <summary>A difference and its interval.</summary>
    public static string Words(PairedDifference one) => $"{Signed(one.Difference)} [{Signed(one.Low)}, {Signed(one.High)}]";

    // Rounded first, and + 0.0 for the zero without a sign: a format with a part for each sign writes "-+0.0000" otherwise.
    private static string Signed(double value) => (Math.Round(value, 4) + 0.0).ToString("+0.0000;-0.0000", CultureInfo.InvariantCulture);
}
