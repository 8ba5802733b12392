using FedRec.Core.Data;
using FedRec.Core.Evaluation;

namespace FedRec.Benchmarks.CrossDomain;

/// <summary>Asks what another domain's interactions are worth to users who are new in this one.</summary>
internal static class CrossDomainExperiment
{
    private static readonly DomainTrial[] s_trials =
        [.. from learner in (string[])["mf", "ease"] from kept in (int[])[0, 1, 3] select new DomainTrial(learner, kept)];

    /// <summary>Runs it, and prints each seed and then all of them.</summary>
    /// <param name="path">The data set, as the loader takes it; with times.</param>
    /// <param name="seeds">Seeds from 1, each of which draws domains, cold users and models.</param>
    public static void Run(string path, int seeds)
    {
        var all = DatasetSource.Open(new DatasetOptions { Path = path });
        Console.WriteLine($"{all.Name}: cold users' last target item; joint (source as context) against the target alone; defaults ({Trained.Rounds("mf")} rounds of mf)");
        var measured = s_trials.ToDictionary(trial => trial, _ => new List<(BootstrapSums Single, BootstrapSums Popularity)>());
        for (var seed = 1UL; seed <= (ulong)seeds; seed++)
        {
            var cut = new DomainCut(all, seed);
            Console.WriteLine($"seed {seed}: {cut.Summary}");
            var results = new (BootstrapSums, BootstrapSums)[s_trials.Length];
            Parallel.For(0, s_trials.Length, new ParallelOptions { MaxDegreeOfParallelism = 2 }, i => results[i] = s_trials[i].Run(cut, seed));
            for (var i = 0; i < results.Length; i++)
            {
                measured[s_trials[i]].Add(results[i]);
                Print(s_trials[i], results[i]);
            }
        }

        Console.WriteLine(UserGain.AllSeeds);
        foreach (var (trial, results) in measured)
        {
            Print(trial, (UserGain.Pool([.. results.Select(one => one.Single)]), UserGain.Pool([.. results.Select(one => one.Popularity)])));
        }
    }

    private static void Print(DomainTrial trial, (BootstrapSums Single, BootstrapSums Popularity) measured) =>
        UserGain.Print($"{trial.Learner,-4} {trial.Kept} kept", "joint", ("single", measured.Single), ("popularity", measured.Popularity));
}
