using System.Globalization;
using FedRec.Benchmarks.Ensembles;
using FedRec.Core.Data;
using FedRec.Core.Evaluation.Baselines.SelfAttention;
using FedRec.Core.Evaluation.Metrics;

namespace FedRec.Benchmarks.Orders;

/// <summary>What a federated SASRec could reach: clients send the gradient of their own sequence, the server takes Adam's step with the sum (FedSGD).</summary>
/// <remarks>The sum of the clients' gradients is the gradient of their pooled sequences, so the pooled trainer takes the same steps when its steps hold as many
/// examples as a round's cohort. More local steps save rounds; they add the drift of clients, and no quality. Rounds are chosen on held-out training items.</remarks>
internal static class FederatedSequence
{
    private const int Cohort = 100;
    private const ulong Seed = 1;

    /// <summary>Prints, for some step sizes of the server, the rounds, the bytes up and how the network compares with <c>ease</c> as it is by default.</summary>
    public static void Run(string path)
    {
        var all = DatasetSource.Open(new DatasetOptions { Path = path });
        using var ease = TrainedScorer.Train(new Member("ease", new Dictionary<string, string>()), all);
        var sequences = new ItemSequences(all.Train);
        var clients = Enumerable.Range(0, sequences.UserCount).Count(user => sequences.Of(user).Length > 1);
        foreach (var rate in new[] { 0.01, 0.003, 0.03 })
        {
            var settings = new SequenceSettings { StepSize = rate, StepExamples = (int)Math.Max(1, sequences.Examples * Cohort / clients) };
            var (_, passes, parameters) = new SasRec(all.Items.Count, Seed) { Candidates = [settings] }.ChooseByNewest(sequences);
            using var scorer = new SequenceScorer(settings, all.Items.Count, parameters);
            var compared = Blend.Compare(ease, scorer, EvaluationSplit.Test(all)).Finish();
            var rounds = ((passes * (long)clients) + Cohort - 1) / Cohort;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  server's step {rate}: {rounds:N0} rounds of {Cohort} clients, {rounds * Cohort * 4e-9 * parameters.Length:F1} GB up; ")
                + string.Join("; ", compared.Select(one => string.Create(CultureInfo.InvariantCulture,
                    $"{one.Metric} {one.Second:F4}, ease {one.First:F4} {one.Difference:+0.0000;-0.0000} [{one.Low:+0.0000;-0.0000}, {one.High:+0.0000;-0.0000}]"))));
        }
    }
}
