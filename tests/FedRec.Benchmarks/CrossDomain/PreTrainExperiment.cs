using System.Globalization;
using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Baselines;

namespace FedRec.Benchmarks.CrossDomain;

/// <summary>Asks what a federation gains that begins with a model trained on public data.</summary>
internal static class PreTrainExperiment
{
    private const string Learner = "mf";

    /// <summary>Runs it, and prints each seed and then all of them.</summary>
    /// <param name="name">What is compared, for the reader.</param>
    /// <param name="starts">The data of a seed.</param>
    /// <param name="seeds">Seeds from 1, each of which draws users and models.</param>
    public static void Run(string name, Func<ulong, PublicStart> starts, int seeds)
    {
        var settings = (from rounds in (int[])[0, 10, Trained.Rounds(Learner)] from most in (int[])[int.MaxValue, PublicStart.Few] select (Rounds: rounds, Most: most)).Distinct().ToArray();
        var measured = settings.ToDictionary(setting => setting, _ => new List<BootstrapSums>());
        Console.WriteLine($"{name}: {Learner} pre-trained on public data as one client, then federated, against anew; a third of the users keep {PublicStart.Few} training items");
        for (var seed = 1UL; seed <= (ulong)seeds; seed++)
        {
            Console.WriteLine($"seed {seed}:");
            var start = starts(seed);
            var begin = PreTrain(start, seed);
            foreach (var atRounds in settings.GroupBy(setting => setting.Rounds))
            {
                var (warm, anew) = Federate(start.Own, begin, atRounds.Key, seed);
                foreach (var setting in atRounds)
                {
                    int[] users = [.. Enumerable.Range(0, start.Own.Users.Count).Where(user => !start.Own.Test.Items(user).IsEmpty && start.Own.Train.Items(user).Length <= setting.Most)];
                    measured[setting].Add(UserGain.Of(start.Own, warm, anew, users));
                    Print(setting, measured[setting][^1]);
                }
            }
        }

        Console.WriteLine("all seeds, intervals over users (one drawn under several seeds is one user):");
        foreach (var (setting, sums) in measured)
        {
            Print(setting, UserGain.Pool(sums));
        }
    }

    private static float[] PreTrain(PublicStart start, ulong seed)
    {
        var (source, target) = (Trained.Learner(Learner, start.Public), Trained.Learner(Learner, start.Own));
        var plan = start.Plan(source, target);
        Console.WriteLine($"  {start.Public.Users.Count} public users, {start.Own.Users.Count} of the federation; {plan.Summary}");
        var trained = Trained.Train(source, ClientPartition.Dealt(start.Public, 1, seed), Trained.Rounds(Learner), seed);
        return plan.Carry(trained.Span, target.Initialize(seed));
    }

    private static (VersionScorer Warm, VersionScorer Anew) Federate(Dataset own, float[] begin, int rounds, ulong seed)
    {
        var learner = Trained.Learner(Learner, own);
        var scorers = new VersionScorer[2];
        Parallel.For(0, 2, i => scorers[i] = new VersionScorer(learner, Trained.Train(learner, ClientPartition.PerUser(own), rounds, seed, i == 0 ? [.. begin] : null)));
        return (scorers[0], scorers[1]);
    }

    private static void Print((int Rounds, int Most) setting, BootstrapSums sums)
    {
        var who = setting.Most == int.MaxValue ? "all users" : $"with at most {setting.Most} items";
        foreach (var one in sums.Finish())
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {setting.Rounds,3} rounds, {sums.Users,4} {who,-23} {one.Metric,-8} pre-trained {one.First:F4} anew {one.Second:F4} difference {UserGain.Words(one)}"));
        }
    }
}
