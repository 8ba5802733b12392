using System.Collections.Concurrent;
using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Privacy;
using FedRec.Core.Privacy.Accounting;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Audits;

/// <summary>How the federations train that are audited: each probe trains its own, of clients that it chooses.</summary>
/// <param name="Learner">What is trained.</param>
/// <param name="OptimizerOf">The server optimizer of a round, from 1.</param>
/// <param name="Weighting">How clients are weighted; all alike where there is a budget.</param>
/// <param name="Rounds">Rounds of a run, at least 1.</param>
public sealed record AuditedRun(ILearner Learner, Func<int, IServerOptimizer> OptimizerOf, ClientWeighting Weighting, int Rounds)
{
    private static readonly ConcurrentDictionary<(PrivacyBudget Budget, double Noise, double Share, int Rounds), (double, double)> s_claims = []; // each takes a second to work out

    /// <summary>Clients in a round; 0 for all. Default: 0.</summary>
    public int Cohort { get; init; }

    /// <summary>L2 norm to which updates are shortened; 0 for no bound. Default: 0.</summary>
    public double ClipNorm { get; init; }

    /// <summary>The most that a run may spend of its clients' privacy; null for no privacy. Default: null.</summary>
    public PrivacyBudget? Budget { get; init; }

    /// <summary>Noise multiplier of private runs; 0 for the smallest that keeps the budget. Default: 0.</summary>
    public double NoiseMultiplier { get; init; }

    /// <summary>What noise of a private run of so many clients is, and what the accountant claims of it.</summary>
    /// <param name="clients">Clients that there are.</param>
    /// <param name="rounds">Rounds of the run.</param>
    /// <returns>Noise multiplier and ε; no noise and no bound where there is no budget.</returns>
    public (double NoiseMultiplier, double Epsilon) Claim(int clients, int rounds)
    {
        if (Budget is not { } budget)
        {
            return (0, double.PositiveInfinity);
        }

        return s_claims.GetOrAdd((budget, NoiseMultiplier, (double)ExpectedOf(clients) / clients, rounds), asked =>
        {
            var noise = asked.Noise > 0 ? asked.Noise : NoiseSearch.SmallestNoise(asked.Budget, asked.Share, asked.Rounds, PldAccountant.Guarantee);
            return (noise, PldAccountant.Guarantee([new PrivacyEvent(new SampledGaussian(noise, asked.Share), asked.Rounds)], asked.Budget.Delta).Epsilon);
        });
    }

    /// <summary>A federation that trains so.</summary>
    /// <param name="clients">Clients that there are.</param>
    /// <param name="rounds">Rounds of the run, for which noise is chosen.</param>
    /// <param name="seed">Of every draw, coins and noise among them: what an audit trains is released to nobody.</param>
    /// <param name="sends">What clients send in place of what they would. Default: null, what they have trained.</param>
    public InProcessFederation Federation(int clients, int rounds, ulong seed, Func<HonestUpdate, ClientUpdate>? sends = null)
    {
        var noise = Claim(clients, rounds).NoiseMultiplier;
        return new InProcessFederation(Learner, OptimizerOf, Budget is null ? Weighting : ClientWeighting.Parse("uniform", 0))
        {
            Cohort = CohortOptions.Everybody with { Size = Cohort },
            Sends = sends,
            Steps = ClipNorm > 0 ? UpdatePipeline.Empty.Then(new NormClipping(ClipNorm)) : UpdatePipeline.Empty,
            Privacy = Budget is null ? null : new(() => new CentralPrivacy(ClipNorm, noise, KeyOf(seed), "audit")),
        };
    }

    /// <summary>The model of a run.</summary>
    /// <param name="clients">At least one.</param>
    /// <param name="seed">As for <see cref="Federation"/>.</param>
    public ReadOnlyMemory<float> Train(IReadOnlyList<ClientData> clients, ulong seed) => Federation(clients.Count, Rounds, seed).Train(clients, Rounds, seed);

    /// <summary>Clients that a round of so many expects.</summary>
    public int ExpectedOf(int clients) => Cohort > 0 ? Math.Min(Cohort, clients) : clients;

    /// <summary>Some users of a data set, drawn: an audit's own clients.</summary>
    /// <param name="data">The data.</param>
    /// <param name="most">Users at most.</param>
    /// <param name="leastItems">Training items that a user has at least.</param>
    /// <param name="seed">Equal seeds draw equally.</param>
    /// <returns>Their numbers, in the order in which they were drawn.</returns>
    public static int[] Draw(Dataset data, int most, int leastItems, ulong seed)
    {
        int[] users = [.. Enumerable.Range(0, data.Users.Count).Where(user => data.Train.Items(user).Length >= leastItems)];
        SeedSequence.For(seed, "audited").Shuffle(users.AsSpan());
        return users[..Math.Min(most, users.Length)];
    }

    /// <summary>A client that holds one user.</summary>
    internal static ClientData ClientOf(Dataset data, int user) => new(data.Train, new[] { user }, data.Items.Count);

    private static SecretKey KeyOf(ulong seed)
    {
        var bytes = new byte[SecretKey.Length];
        BitConverter.TryWriteBytes(bytes, seed);
        return new SecretKey(bytes);
    }
}
