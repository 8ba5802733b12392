using FedRec.Core.Catalogues;
using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Baselines;
using FedRec.Core.Learners.Transfers;

namespace FedRec.Benchmarks.CrossDomain;

/// <summary>Asks what a federation gains that begins with the towers of another one, with which it shares item features, but no item and no user.</summary>
internal static class WarmStartExperiment
{
    private const string Learner = "two-tower";

    // The first round only counts items: 10, 80 and 160 of training. The last shows whether a gain is more than that of training further.
    private static readonly int[] s_rounds = [0, 11, Trained.Rounds(Learner), (2 * Trained.Rounds(Learner)) - 1];

    // Whether it is the cold users or all, and the items that the cold ones bring.
    private static readonly (bool Cold, int Kept)[] s_groups = [(true, 0), (true, 1), (true, DisjointDomains.MostKept), (false, int.MaxValue)];

    /// <summary>Runs it, and prints each seed and then all of them.</summary>
    /// <param name="all">The data set, with times and tags.</param>
    /// <param name="seeds">Seeds from 1, each of which draws domains, cold users and models.</param>
    public static void Run(Dataset all, int seeds)
    {
        var measured = s_rounds.SelectMany(rounds => s_groups.Select(group => (Rounds: rounds, Group: group)))
            .ToDictionary(setting => setting, _ => (Anew: new List<BootstrapSums>(), Popularity: new List<BootstrapSums>()));
        Console.WriteLine($"{all.Name}: {Learner} begun with that of other users and other items, against anew; defaults");
        for (var seed = 1UL; seed <= (ulong)seeds; seed++)
        {
            var domains = new DisjointDomains(all, seed);
            Console.WriteLine($"seed {seed}: {domains.Summary}");
            var own = domains.Target(kept: 0);
            var (begin, popularity) = (Begin(domains.Source, own, seed), BaselineRegistry.Create("popularity", own, seed));
            foreach (var rounds in s_rounds)
            {
                var (warm, anew) = Trained.Both(Learner, own, begin, rounds, seed);
                foreach (var group in s_groups)
                {
                    var served = domains.Target(group.Kept);
                    IEnumerable<int> users = group.Cold ? domains.Cold : Enumerable.Range(0, own.Users.Count);
                    var sums = measured[(rounds, group)];
                    sums.Anew.Add(UserGain.Of(served, warm, anew, users));
                    sums.Popularity.Add(UserGain.Of(served, warm, popularity, users));
                    Print(rounds, group, sums.Anew[^1], sums.Popularity[^1]);
                }
            }
        }

        Console.WriteLine(UserGain.AllSeeds);
        foreach (var ((rounds, group), sums) in measured)
        {
            Print(rounds, group, UserGain.Pool(sums.Anew), UserGain.Pool(sums.Popularity));
        }
    }

    private static float[] Begin(Dataset source, Dataset own, ulong seed)
    {
        var (there, here) = (Trained.Learner(Learner, source), Trained.Learner(Learner, own));
        var plan = ParameterTransfer.Plan(there, ItemKeys.Of(FederationCatalogue.Of(source), ItemKeys.Id), here, ItemKeys.Of(FederationCatalogue.Of(own), ItemKeys.Id));
        Console.WriteLine($"  {plan.Summary}");
        return plan.Carry(Trained.Train(there, ClientPartition.PerUser(source), Trained.Rounds(Learner), seed).Span, here.Initialize(seed));
    }

    private static void Print(int rounds, (bool Cold, int Kept) group, BootstrapSums anew, BootstrapSums popularity)
    {
        var who = group.Cold ? $"{anew.Users,5} cold with {group.Kept}" : $"{anew.Users,5} in all";
        UserGain.Print($"{rounds,3} rounds, {who,-18}", "warm", ("anew", anew), ("popularity", popularity));
    }
}
