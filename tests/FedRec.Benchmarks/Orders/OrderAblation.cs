using System.Globalization;
using FedRec.Benchmarks.Ensembles;
using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Baselines.SelfAttention;
using FedRec.Core.Evaluation.Metrics;

namespace FedRec.Benchmarks.Orders;

/// <summary>What the order of a user's own items is worth: <c>ease</c> without it, with recency, with a time kernel and with both, and what recency is worth to
/// learners whose user is made from items; and centralised SASRec.</summary>
/// <remarks>Numbers that are not given are chosen for each row on validation items; the test items are looked at once, by the row that was chosen.</remarks>
/// <param name="lambdas">λ to choose from.</param>
/// <param name="kernels">κ to choose from.</param>
/// <param name="recencies">τ to choose from.</param>
/// <param name="scorers">Names of the learners beside <c>ease</c>, and of the rival.</param>
internal sealed class OrderAblation(string[] lambdas, string[] kernels, string[] recencies, string[] scorers)
{
    /// <summary>Centralised SASRec among the names.</summary>
    public const string Rival = "sasrec";

    private static readonly string[] s_none = ["0"];

    /// <summary>Runs it and prints a line per row, with the paired difference to <c>ease</c> without order; and that of <c>ease</c> as it is by default to SASRec.</summary>
    /// <param name="path">The data set, as the loader takes it.</param>
    /// <exception cref="ArgumentException">Its interactions have no times.</exception>
    public void Run(string path)
    {
        var all = DatasetSource.Open(new DatasetOptions { Path = path });
        var held = DatasetSource.Open(new DatasetOptions { Path = path, HoldOutValidation = true });
        if (!all.Train.HasTimes)
        {
            throw new ArgumentException($"The interactions of {all.Name} have no times, and so users' items no order.");
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{all.Name}: {all.Users.Count:N0} users, {all.Items.Count:N0} items; {all.Protocol}"));
        using var plain = Row("ease", Ease(s_none, s_none), all, held, rival: null);
        using var recency = Row("+ recency", Ease(s_none, recencies), all, held, plain);
        using var kernel = Row("+ kernel", Ease(kernels, s_none), all, held, plain);
        using var both = Row("+ both", Ease(kernels, recencies), all, held, plain);
        using var chosen = Row("users choose", [new Member("ease", new Dictionary<string, string>())], all, held, plain);
        foreach (var learner in scorers.Where(name => name != Rival))
        {
            Recencies(learner, all, held, plain);
        }

        if (scorers.Contains(Rival))
        {
            using var sequential = SasRec.Train(all, seed: 1);
            Print("sasrec, centralised", sequential.Chosen, sequential, plain, all);
            Print("users choose", "against sasrec", chosen, sequential, all);
        }
    }

    // Recency changes no parameter of theirs: they are trained once for all values of it.
    private void Recencies(string learner, Dataset all, Dataset held, TrainedScorer plain)
    {
        Member[] candidates = [.. s_none.Concat(recencies).Select(tau => new Member(learner, new Dictionary<string, string> { ["recency"] = tau }))];
        using var onRest = TrainedScorer.Train(candidates[0], held);
        var best = candidates.Length == 2 ? candidates[1] : candidates[1..].MaxBy(candidate => OnValidation(onRest, candidate, held))!;
        using var without = TrainedScorer.Train(candidates[0], all);
        using var with = without.Under(best);
        Print(learner, Settings(candidates[0]), without, plain, all);
        Print($"{learner} + recency", Settings(best), with, without, all);
        var (before, after) = (OnValidation(onRest, candidates[0], held), OnValidation(onRest, best, held));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    validation NDCG@10 {before:F4}, with recency {after:F4}; the last difference is to the line before it"));
    }

    private Member[] Ease(string[] among, string[] ages) =>
    [
        .. from lambda in lambdas
           from kappa in among
           from tau in ages
           select new Member("ease", new Dictionary<string, string> { ["lambda"] = lambda, ["kernel"] = kappa, ["recency"] = tau }),
    ];

    private static TrainedScorer Row(string name, Member[] candidates, Dataset all, Dataset held, TrainedScorer? rival)
    {
        var member = candidates.Length == 1 ? candidates[0] : candidates.MaxBy(candidate => OnValidation(candidate, held))!;
        var scorer = TrainedScorer.Train(member, all);
        Print(name, Settings(member), scorer, rival, all);
        return scorer;
    }

    private static void Print(string name, string settings, IScorer scorer, IScorer? rival, Dataset all)
    {
        var differences = Blend.Compare(scorer, rival ?? scorer, EvaluationSplit.Test(all)).Finish();
        Console.WriteLine($"  {name,-19} {string.Join("  ", differences.Select(one => Words(one, rival is not null)))}  {settings}");
    }

    private static string Settings(Member member) => string.Join(" ", member.Options.Select(option => $"{option.Key} {option.Value}"));

    private static double OnValidation(TrainedScorer trained, Member candidate, Dataset held)
    {
        using var scorer = trained.Under(candidate);
        return OnValidation(scorer, held);
    }

    private static double OnValidation(Member member, Dataset held)
    {
        using var scorer = TrainedScorer.Train(member, held);
        return OnValidation(scorer, held);
    }

    private static double OnValidation(TrainedScorer scorer, Dataset held) =>
        RankingEvaluator.EvaluateAll(() => scorer, EvaluationSplit.Validation(held), [10], threads: Environment.ProcessorCount).Metrics["ndcg@10"];

    private static string Words(PairedDifference one, bool isCompared) => string.Create(CultureInfo.InvariantCulture, $"{one.Metric.ToUpperInvariant()} {one.First:F4}")
        + (isCompared ? string.Create(CultureInfo.InvariantCulture, $" {one.Difference:+0.0000;-0.0000} [{one.Low:+0.0000;-0.0000}, {one.High:+0.0000;-0.0000}]") : new string(' ', 27));
}
