using FedRec.Core.Audits;
using FedRec.Core.Data;
using FedRec.Core.Privacy.SecureAggregation;

namespace FedRec.Cli.Audits;

/// <summary>What is to be audited, and how thoroughly.</summary>
/// <param name="Run">How the federation trains.</param>
/// <param name="Data">Its users.</param>
/// <param name="Subject">The same in words.</param>
/// <param name="Probes">Names of the probes.</param>
/// <param name="Canaries">How many canaries.</param>
/// <param name="Confidence">Of the bound on ε.</param>
internal sealed record AuditPlan(AuditedRun Run, Dataset Data, AuditSubject Subject, IReadOnlyCollection<string> Probes, int Canaries, double Confidence);

/// <summary>Runs the probes, seed by seed.</summary>
internal static class AuditRunner
{
    public const string ItemSets = "item-sets", Membership = "membership", Attributes = "attributes", Canaries = "canaries", Tampering = "tampering";

    /// <summary>Fewest users that an audit can say anything of.</summary>
    public const int LeastUsers = 20;

    private const int MostMasked = 100; // clients whose keys are agreed on pairwise
    private const int MaskedCohort = 20;
    private const int MostWatched = 30; // rounds
    private const double UsualClip = 1;

    /// <summary>All probes, in the order in which they are shown.</summary>
    public static IReadOnlyList<string> All { get; } = [ItemSets, Membership, Attributes, Canaries, Tampering];

    /// <exception cref="CliException">Too few users have enough items.</exception>
    public static AuditReport Run(AuditPlan plan, string folder, Action<string> say, CancellationToken cancellationToken)
    {
        var (run, data, subject) = (plan.Run, plan.Data, plan.Subject);
        if (AuditedRun.Draw(data, LeastUsers, MembershipProbe.LeastItems, 0).Length < LeastUsers)
        {
            throw new CliException(ExitCode.Failed, $"An audit needs {LeastUsers} users with {MembershipProbe.LeastItems} training items each, and the data has fewer.", "Take larger data, or the built-in catalogue (without --data).");
        }

        var report = new AuditReport { Subject = subject, Folder = folder };
        ulong[] seeds = [.. Enumerable.Range(0, subject.Seeds).Select(i => subject.Seed + (ulong)i)];
        int[] Users(int most, ulong seed) => AuditedRun.Draw(data, most, MembershipProbe.LeastItems, seed);
        return report with
        {
            ItemSets = OfSeeds<ItemSetLeak>(ItemSets, seed => ItemSetProbe.Run(run, data, Users(MostMasked, seed), MaskedCohort, Math.Min(run.Rounds, MostWatched), SecureMean.Instance, seed), Together),
            Membership = OfSeeds<MembershipLeak>(Membership, seed => [.. MembershipProbe.OfUsers(run, data, Users(subject.Users, seed), seed), .. MembershipProbe.OfInteractions(run, data, Users(subject.Users, seed), seed)], Together),
            Attributes = OfSeeds<AttributeLeak>(Attributes, seed => AttributeProbe.Run(run, data, Users(subject.Users, seed), SecureMean.Instance, MaskedCohort, seed) is { Count: > 0 } told ? told
                : throw new ArgumentException("The data says nothing of its users beside their items, or all are alike: users.csv beside it, or u.user and users.dat of MovieLens, would."), Together),
            Canaries = OfSeeds<CanaryFindings>(Canaries, seed => [CanaryProbe.Run(run.ClipNorm > 0 ? run : run with { ClipNorm = UsualClip }, data, Users(subject.Users, seed), plan.Canaries, plan.Confidence, seed)], all => all[0]),
            Tampering = Once(Tampering, () => TamperProbe.Run(run.Learner.Initialize(subject.Seed), subject.IsMasked, SecureMean.Instance)),
        };

        IReadOnlyList<T> OfSeeds<T>(string probe, Func<ulong, IReadOnlyList<T>> look, Func<IReadOnlyList<T>, T> together) => Once<T>(probe, () =>
        {
            var found = new List<IReadOnlyList<T>>();
            foreach (var seed in seeds)
            {
                cancellationToken.ThrowIfCancellationRequested();
                say($"{probe}, seed {seed}");
                found.Add(look(seed));
            }

            return probe == Canaries ? [.. found.SelectMany(one => one)] : [.. Enumerable.Range(0, found[0].Count).Select(row => together([.. found.Select(one => one[row])]))];
        });

        IReadOnlyList<T> Once<T>(string probe, Func<IReadOnlyList<T>> look)
        {
            if (!plan.Probes.Contains(probe))
            {
                return [];
            }

            try
            {
                return look();
            }
            catch (ArgumentException exception)
            {
                report.NotDone[probe] = Failure.Plain(exception);
                say($"{probe}: not done. {report.NotDone[probe]}");
                return [];
            }
        }
    }

    private static ItemSetLeak Together(IReadOnlyList<ItemSetLeak> seeds) => seeds[0] with
    {
        OfItems = Measured.Over([.. seeds.Select(one => one.OfItems)]),
        OfClients = Measured.Over([.. seeds.Select(one => one.OfClients)]),
        Clients = [.. seeds.SelectMany(one => one.Clients)],
    };

    private static MembershipLeak Together(IReadOnlyList<MembershipLeak> seeds) => seeds[0] with
    {
        Area = Measured.Over([.. seeds.Select(one => one.Area)]),
        TrueRateAtOnePercent = Measured.Over([.. seeds.Select(one => one.TrueRateAtOnePercent)]),
    };

    private static AttributeLeak Together(IReadOnlyList<AttributeLeak> seeds) => seeds[0] with
    {
        Area = Measured.Over([.. seeds.Select(one => one.Area)]),
        Accuracy = Measured.Over([.. seeds.Select(one => one.Accuracy)]),
        Majority = seeds.Average(one => one.Majority),
    };
}
