using System.Globalization;
using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Metrics;

namespace FedRec.Benchmarks.Ensembles;

/// <summary>Asks whether a blend of two federated learners beats <c>ease</c> alone: trains both, chooses how to blend on validation
/// items, trains both again on all training items, and compares on the test items.</summary>
internal static class EnsembleExperiment
{
    private static readonly Member s_ease = new("ease", new Dictionary<string, string> { ["lambda"] = "500" });
    private static readonly Fusion[] s_fusions = [Fusion.ZScore, Fusion.ReciprocalRank];

    /// <summary>Runs it and prints one line per seed, then the ensemble of all seeds.</summary>
    /// <param name="path">The data set, as the loader takes it.</param>
    /// <param name="seeds">Seeds from 1 of the factorisation; <c>ease</c> draws nothing.</param>
    /// <param name="factors">The factorisation.</param>
    public static void Run(string path, int seeds, Member factors)
    {
        var all = DatasetSource.Open(new DatasetOptions { Path = path });
        var held = ValidationItems.HoldOut(all, path);
        Console.WriteLine($"{all.Name}: ease (λ 500) + mf; {all.Protocol}");
        var (validation, test) = (EvaluationSplit.Validation(held), EvaluationSplit.Test(all));
        var (tuned, final) = (Train(held, seeds, factors), Train(all, seeds, factors));
        var pooled = PairedEvaluator.NewSums(EvaluationFrame.Of(test, [10]), BootstrapSums.DefaultReplicates, seed: 0);
        for (var seed = 1; seed <= seeds; seed++)
        {
            var sums = ChooseAndTest(tuned[0], tuned[seed], validation, final[0], final[seed], test, $"seed {seed}");
            pooled.Add(sums.ToBytes()); // a user weighs the same under every seed: an interval over users of the mean of the seeds
        }

        Print("mean of seeds", pooled);
        if (seeds > 1)
        {
            var (tunedSum, finalSum) = (tuned[1..].Aggregate((a, b) => a.Plus(b)), final[1..].Aggregate((a, b) => a.Plus(b)));
            ChooseAndTest(tuned[0], tunedSum, validation, final[0], finalSum, test, "all seeds' mf");
        }
    }

    private static BootstrapSums ChooseAndTest(ScoreTable ease, ScoreTable factors, EvaluationSplit validation, ScoreTable finalEase, ScoreTable finalFactors, EvaluationSplit test, string name)
    {
        var (fusion, weight) = Choose(ease, factors, validation);
        var (a, b) = (finalEase.Scaled(fusion, test.Train), finalFactors.Scaled(fusion, test.Train));
        var sums = Blend.Compare(new Blend(a, b, weight), new Blend(finalEase, finalFactors, 0), test);
        var alone = Blend.Compare(new Blend(finalEase, finalFactors, 1), new Blend(finalEase, finalFactors, 0), test).Finish();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {fusion}, weight of mf {weight:F1}; mf alone HR@10 {alone[0].First:F4} NDCG@10 {alone[1].First:F4}"));
        Print(name, sums);
        return sums;
    }

    // By NDCG@10 on validation items, which looks at places and so is less coarse than HR@10.
    private static (Fusion Fusion, float Weight) Choose(ScoreTable ease, ScoreTable factors, EvaluationSplit validation)
    {
        var best = (Value: -1.0, Fusion: Fusion.ZScore, Weight: 0f);
        foreach (var fusion in s_fusions)
        {
            var (a, b) = (ease.Scaled(fusion, validation.Train), factors.Scaled(fusion, validation.Train));
            for (var tenths = 1; tenths <= 9; tenths++)
            {
                var value = Blend.Compare(new Blend(a, b, tenths / 10f), new Blend(a, b, 0), validation).Finish();
                best = value[1].First > best.Value ? (value[1].First, fusion, tenths / 10f) : best;
            }
        }

        return (best.Fusion, best.Weight);
    }

    private static ScoreTable[] Train(Dataset data, int seeds, Member factors)
    {
        var tables = new ScoreTable[1 + seeds];
        Parallel.For(0, tables.Length, new ParallelOptions { MaxDegreeOfParallelism = 2 }, i =>
            tables[i] = (i == 0 ? s_ease : factors).TrainAndScore(data, (ulong)i));
        return tables;
    }

    private static void Print(string name, BootstrapSums sums)
    {
        foreach (var d in sums.Finish())
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {name,-14} {d.Metric,-8} ensemble {d.First:F4}  ease {d.Second:F4}  difference {d.Difference:+0.0000;-0.0000} [{d.Low:+0.0000;-0.0000}, {d.High:+0.0000;-0.0000}]"));
        }
    }
}
