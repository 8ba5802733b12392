using System.Collections.Immutable;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;

namespace FedRec.Grains.Tests.Parties;

/// <summary>Shares are limited by what clients report of their sizes, a power of two, as it was when the run started.</summary>
public sealed class HostedSharesTests
{
    private const double Share = 0.04;
    private static readonly RunRequest s_free = HostedFederationTests.Request("hosted", "mf") with
    {
        LearnerOptions = ImmutableSortedDictionary<string, string>.Empty.Add("dims", "8").Add("objective", "logistic"),
        Rounds = new RoundSettings { Count = 2, Weighting = "examples" },
    };

    private static readonly RunRequest s_limited = s_free with { Rounds = s_free.Rounds with { MaxShare = Share } };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Run_OfClientsThatTrainOnPowersOfTwo_GivesTheBytesOfASimulation(short silos)
    {
        using var rows = new HostedRows(Events(user => 1 + (1 << (1 + (user % 5))))); // one is held out
        await using var federation = await TestFederation.StartAsync(silos);
        await HostedFederationTests.ImportAsync(federation, "hosted", rows.Changes);

        var hosted = await federation.RunAsync(s_limited);
        var loaded = await federation.RunAsync(s_limited with { Federation = "loaded" }, new DataSpec { Path = rows.FilePath });
        var free = await federation.RunAsync(s_free);

        Assert.Equal((RunPhase.Completed, loaded.Sha256), (hosted.Phase, hosted.Sha256));
        Assert.Equal(loaded.Rounds.Select(round => round.LargestShare), hosted.Rounds.Select(round => round.LargestShare));
        Assert.NotEqual(free.Sha256, hosted.Sha256);
    }

    [Fact]
    public async Task Run_OfClientsOfAnySize_KeepsTheLimitAndTellsHowManyInteractionsThereAreAtLeast()
    {
        int Size(int user) => user % 8 == 0 ? 58 : 2 + (user % 6);
        using var rows = new HostedRows(Events(Size));
        await using var federation = await TestFederation.StartAsync(1);
        await HostedFederationTests.ImportAsync(federation, "hosted", rows.Changes);

        var free = await federation.RunAsync(s_free);
        var limited = await federation.RunAsync(s_limited);

        var interactions = Enumerable.Range(0, Users).Sum(Size);
        Assert.All(free.Rounds, round => Assert.True(round.LargestShare > Share, $"{round.LargestShare}"));
        Assert.All(limited.Rounds, round => Assert.InRange(round.LargestShare, 1.0 / Users, Share + 1e-6));
        Assert.Equal(Users, limited.Source.Hosted!.SizeClasses.Length);
        Assert.InRange(limited.Interactions, (interactions / 2) + 1, interactions);
        Assert.Equal(limited.Interactions, free.Interactions);
    }

    [Fact]
    public async Task Run_ResumedAfterClientsHaveGrown_GoesByTheSizesOfItsStart()
    {
        using var rows = new HostedRows(Events(user => 2 + (user % 9)));
        var (states, models) = (new SurvivingStorage(), new MemoryModelStore());
        RunStatus undisturbed, started;
        await using (var whole = await TestFederation.StartAsync(1))
        {
            await HostedFederationTests.ImportAsync(whole, "test", rows.Changes);
            undisturbed = await whole.RunAsync(Long);
        }

        await using (var cut = await TestFederation.StartAsync(1, states, models))
        {
            await HostedFederationTests.ImportAsync(cut, "test", rows.Changes);
            started = await cut.LoseInRoundThreeAsync(Long);
        }

        await using var again = await TestFederation.StartAsync(1, states, models, resumeUnfinished: false);
        await HostedFederationTests.ImportAsync(again, "test", Events(user => user == 0 ? 60 : 0));
        await again.StartRunAsync(Long);
        var resumed = await again.WaitAsync("test", "run-1");

        Assert.Equal((RunPhase.Completed, undisturbed.Sha256), (resumed.Phase, resumed.Sha256));
        Assert.Equal(started.Interactions, resumed.Interactions);
    }

    private const int Users = 40;

    private static RunRequest Long => s_limited with { Federation = "test", Rounds = s_limited.Rounds with { Count = 4 } };

    private static ImmutableArray<HistoryChange> Events(Func<int, int> sizeOf) =>
        [.. from user in Enumerable.Range(0, Users) from i in Enumerable.Range(0, sizeOf(user)) select new HistoryChange($"u{user}", HistoryChangeKind.Added, $"i{(i + (user * 7)) % 61}") { Time = 1_700_000_000_000 + (i * 1_000) + user }];
}
