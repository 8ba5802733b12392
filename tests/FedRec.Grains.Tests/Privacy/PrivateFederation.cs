using System.Collections.Immutable;
using FedRec.Contracts.Privacy;
using FedRec.Contracts.Runs;
using FedRec.Core.Randomness;
using FedRec.Core.Snapshots;
using FedRec.Grains.Privacy;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Grains.Tests.Privacy;

/// <summary>Federations whose silos have a secret key, and requests for privacy.</summary>
internal static class PrivateFederation
{
    /// <summary>The key of all silos, where a test gives no other.</summary>
    public static SecretKey Key { get; } = new([.. Enumerable.Range(1, SecretKey.Length).Select(i => (byte)i)]);

    /// <summary>Starts one silo.</summary>
    /// <param name="states">Where grain states live.</param>
    /// <param name="models">Where models live.</param>
    /// <param name="key">Of its own; null for <see cref="Key"/>.</param>
    /// <param name="day">Day on which runs are started: with the key it says what they draw.</param>
    public static Task<TestFederation> StartAsync(SurvivingStorage? states = null, MemoryModelStore? models = null, SecretKey? key = null, int day = 1) => TestFederation.StartAsync(1, states, models, silo =>
    {
        silo.Services.AddSingleton(new SiloSecret(() => key ?? Key));
        silo.Services.AddSingleton<TimeProvider>(new Calendar(new DateTimeOffset(2026, 3, day, 0, 0, 0, TimeSpan.Zero)));
    });

    /// <summary>A short private run: half of the clients in each round.</summary>
    public static RunRequest Request(double epsilon = 100, double noise = 2, int rounds = 4) => new()
    {
        Federation = "test",
        Learner = "mf",
        LearnerOptions = ImmutableSortedDictionary<string, string>.Empty.Add("dims", "8").Add("objective", "bpr"),
        Rounds = new RoundSettings { Count = rounds, CohortSize = 30, ClipNorm = 0.5 },
        Privacy = new PrivacySettings { Epsilon = epsilon, NoiseMultiplier = noise },
    };

    /// <summary>The same run with masked updates, and with time: a machine that is busy loses no client, whom the sum would lack.</summary>
    public static RunRequest Masked(RunRequest request) => request with { Rounds = request.Rounds with { Aggregator = RoundSettings.SecureMean, Deadline = TimeSpan.FromMinutes(10) } };

    /// <summary>What the federation has spent.</summary>
    public static Task<PrivacyLedger> LedgerAsync(this TestFederation federation) => federation.Grains.GetGrain<IPrivacyLedgerGrain>("test").ReadAsync();

    // A day on which timers go on.
    private sealed class Calendar(DateTimeOffset day) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => day;
    }
}
