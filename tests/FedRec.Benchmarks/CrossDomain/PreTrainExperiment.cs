using FedRec.Core.Data;
using FedRec.Core.Evaluation;

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
                var (warm, anew) = Trained.Both(Learner, start.Own, begin, atRounds.Key, seed);
                foreach (var setting in atRounds)
                {
                    int[] users = [.. Enumerable.Range(0, start.Own.Users.Count).Where(user => !start.Own.Test.Items(user).IsEmpty && start.Own.Train.Items(user).Length <= setting.Most)];
                    measured[setting].Add(UserGain.Of(start.Own, warm, anew, users));
                    Print(setting, measured[setting][^1]);
                }
            }
        }

        Console.WriteLine(UserGain.AllSeeds);
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

    private static void Print((int Rounds, int Most) setting, BootstrapSums sums)
    {
        var who = setting.Most == int.MaxValue ? "all users" : $"with at most {setting.Most} items";
        UserGain.Print($"{setting.Rounds,3} rounds, {sums.Users,4} {who,-23}", "pre-trained", ("anew", sums));
    }
}
