using System.Collections.Concurrent;
using System.Collections.Immutable;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;
using FedRec.Grains.Clients;
using FedRec.Grains.Parties;
using FedRec.Grains.Training;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace FedRec.Grains.Tests.Parties;

/// <summary>An organisation that is bound to a label is on silos with that label only: what holds its events, and the client that trains on them.</summary>
public sealed class PartyPlacementTests
{
    private const string Eu = "region=eu";
    private const string Us = "region=us";
    private readonly SurvivingStorage _states = new();
    private readonly ConcurrentDictionary<(string Grain, SiloAddress Silo), int> _seen = new();

    [Theory]
    [InlineData("mf", 1)]
    [InlineData("ease", 2)]
    public async Task Organisations_WithLabels_AreOnSilosWithTheirLabelOnly_WhateverIsAsked(string learner, int seed)
    {
        await using var federation = await StartAsync("region=eu,owner=a", "owner=b,region=us", "");
        var rows = Rows(organisations: 30, seed);
        string?[] labels = [Eu, Us, null];
        for (var i = 0; i < rows.Length; i++)
        {
            await Organisations(federation).SetLabelAsync(rows[i].Name, labels[i % 3], hasRatings: false);
        }

        _seen.Clear(); // a name is taken wherever its grain is: it has nothing yet
        foreach (var row in rows)
        {
            await ImportAsync(federation, row);
        }

        var status = await federation.RunAsync(Request(learner));
        foreach (var (name, changes) in rows)
        {
            Assert.Equal(RecommendationOutcome.Found, (await RecommendAsync(federation, $"{name}/{changes[0].User}")).Outcome);
        }

        Assert.Equal((RunPhase.Completed, rows.Length), (status.Phase, status.Clients));
        var keys = await KeysAsync(federation);
        for (var i = 0; i < rows.Length; i++)
        {
            var (allowed, line) = (Having(federation, labels[i % 3]), (await Organisations(federation).FindAsync(rows[i].Name))!);
            Assert.Equal((labels[i % 3], allowed.Length), (line.Label, line.Silos));
            Assert.All([keys.OfOrganisation(rows[i].Name), $"{line.Client}"], grain => Assert.Subset(allowed.ToHashSet(), SilosOf(grain).ToHashSet()));
            Assert.All([keys.OfOrganisation(rows[i].Name), $"{line.Client}"], grain => Assert.NotEmpty(SilosOf(grain)));
        }

        Assert.NotEqual(1, rows.Index().Where(one => one.Index % 3 == 2).SelectMany(one => SilosOf(keys.OfOrganisation(one.Item.Name))).Distinct().Count()); // those without a label go anywhere
    }

    [Fact]
    public async Task Organisation_WhoseSiloEnds_GoesOnOnAnotherWithItsLabel()
    {
        await using var federation = await StartAsync("", Eu, Eu);
        var rows = Rows(organisations: 4, seed: 3);
        foreach (var row in rows)
        {
            await Organisations(federation).SetLabelAsync(row.Name, Eu, hasRatings: false);
            await ImportAsync(federation, row);
        }

        var ending = Silos(federation).First(silo => Has(silo, Eu));
        await federation.Cluster.StopSiloAsync(ending);
        _seen.Clear();
        foreach (var row in rows)
        {
            await ImportAsync(federation, row with { Changes = [Event("new", "i1", 99)] });
        }

        var status = await federation.RunAsync(Request("mf"));

        Assert.Equal((RunPhase.Completed, rows.Length), (status.Phase, status.Clients));
        Assert.Equal(Having(federation, Eu), _seen.Keys.Select(one => one.Silo).Distinct());
    }

    [Fact]
    public async Task Organisation_WithoutASilo_IsRefusedWithoutATrace_WhileRunsGoOnWithoutIt_AndIsBackWithOne()
    {
        await using var federation = await StartAsync("", Eu);
        var rows = Rows(organisations: 4, seed: 4);
        foreach (var row in rows)
        {
            await Organisations(federation).SetLabelAsync(row.Name, row == rows[0] ? Eu : null, hasRatings: false);
            await ImportAsync(federation, row);
        }

        var all = await federation.RunAsync(Request("mf"));
        await federation.Cluster.StopSiloAsync(Silos(federation).Single(silo => Has(silo, Eu)));
        var before = _states.Stored;
        var import = await Assert.ThrowsAsync<SiloLabelException>(() => History(federation).ImportOfAsync(rows[0].Name, [Event("new", "new item", 99)]));
        var recommend = await Assert.ThrowsAsync<SiloLabelException>(() => RecommendAsync(federation, $"{rows[0].Name}/{rows[0].Changes[0].User}"));
        var after = _states.Stored;
        var without = await federation.RunAsync(Request("mf"));

        Assert.Equal((Eu, Eu), (import.Label, recommend.Label));
        Assert.Contains("No silo with the label region=eu is up", import.Message, StringComparison.Ordinal);
        Assert.Contains("fedrec silo --label region=eu", recommend.Message, StringComparison.Ordinal);
        Assert.Equal(before.Keys.Order(), after.Keys.Order());
        Assert.All(before, record => Assert.Equal(record.Value, after[record.Key]));
        Assert.Equal((RunPhase.Completed, 0), (without.Phase, (await Organisations(federation).FindAsync(rows[0].Name))!.Silos));
        Assert.Equal((4, 3), (Participants(all), Participants(without)));

        await federation.Cluster.StartAdditionalSiloAsync();
        Assert.Equal(RecommendationOutcome.Found, (await UntilUpAsync(() => RecommendAsync(federation, $"{rows[0].Name}/{rows[0].Changes[0].User}"))).Outcome);
        Assert.Equal(4, Participants(await federation.RunAsync(Request("mf"))));
    }

    [Fact]
    public async Task SetLabel_OfAnOrganisationThatIsSomewhere_MovesItBeforeItReturns()
    {
        await using var federation = await StartAsync(Eu, Us);
        var rows = Rows(organisations: 3, seed: 5);
        foreach (var row in rows)
        {
            await Organisations(federation).SetLabelAsync(row.Name, Eu, hasRatings: false);
            await ImportAsync(federation, row);
            await HostedFederationTests.History(federation, "plain").ImportOfAsync(row.Name, row.Changes);
        }

        await federation.RunAsync(Request("mf"));
        await federation.RunAsync(Request("mf") with { Federation = "plain" });
        var (keys, moved) = (await KeysAsync(federation), rows[0].Name);
        var line = await Organisations(federation).SetLabelAsync(moved, Us);
        var eu = Silos(federation).Single(silo => Has(silo, Eu));
        Assert.Equal(2, eu.ServiceProvider.GetRequiredService<PlacedParties>().CountOf("own", [.. rows.Skip(1).Select(row => keys.OfOrganisation(row.Name))]) / 2); // each by what keeps it and what trains
        Assert.Equal(0, eu.ServiceProvider.GetRequiredService<PlacedParties>().CountOf("own", [keys.OfOrganisation(moved)]));
        _seen.Clear();
        Assert.Equal(RecommendationOutcome.Found, (await RecommendAsync(federation, $"{moved}/{rows[0].Changes[0].User}")).Outcome); // whoever asks has not heard of the change
        var after = await federation.RunAsync(Request("mf"));
        var plain = await federation.RunAsync(Request("mf") with { Federation = "plain" });

        Assert.Equal(plain.Sha256, after.Sha256);
        Assert.Equal(Having(federation, Us), SilosOf(keys.OfOrganisation(moved)));
        Assert.Equal(Having(federation, Us), SilosOf($"{line.Client}"));
        Assert.Equal(Us, line.Label);
    }

    [Fact]
    public async Task Organisation_WhoseLabelASiloHasNotHeardOf_IsOpenedNowhereElseAllTheSame()
    {
        await using var federation = await StartAsync("", "", "");
        var rows = Rows(organisations: 3, seed: 6);
        foreach (var row in rows)
        {
            await ImportAsync(federation, row);
        }

        var key = (await KeysAsync(federation)).OfOrganisation(rows[0].Name);
        await federation.Grains.GetGrain<IRegistryGrain>("own").SetLabelAsync(key, Eu); // and no silo is told
        var status = await federation.RunAsync(Request("mf"));

        Assert.Equal((RunPhase.Completed, 2), (status.Phase, Participants(status)));
    }

    [Theory]
    [InlineData("north", "eu")]
    [InlineData("north", "region=")]
    [InlineData("north", "region=eu,owner=a")]
    [InlineData("north", "region=e u")]
    [InlineData("north", "")]
    [InlineData("a/b", "region=eu")]
    public async Task SetLabel_ThatCannotBe_IsRefusedAndLeavesNoTrace(string name, string label)
    {
        await using var federation = await StartAsync("");

        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => Organisations(federation).SetLabelAsync(name, label, hasRatings: false));

        Assert.Contains(name == "north" ? "such as region=eu" : "no slash", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(_states.Stored);
    }

    [Fact]
    public async Task SetLabel_WhereClientsKeepNothing_IsRefused()
    {
        await using var federation = await StartAsync("");
        await federation.RunAsync(TestFederation.Request("own", rounds: 1));
        var before = _states.Stored.Count;

        Assert.Contains("no clients that keep their data", (await Assert.ThrowsAsync<ArgumentException>(() => Organisations(federation).SetLabelAsync("north", Eu))).Message, StringComparison.Ordinal);
        Assert.Contains("simulates loaded data", (await Assert.ThrowsAsync<ArgumentException>(() => Organisations(federation).SetLabelAsync("north", Eu, hasRatings: false))).Message, StringComparison.Ordinal);
        Assert.Equal(before, _states.Stored.Count);
    }

    private async Task<TestFederation> StartAsync(params string[] labels)
    {
        var federation = await TestFederation.StartAsync((short)labels.Length, _states, configure: Configure, labels: [.. labels, Eu]);
        federation.Gate.Before = context =>
        {
            if (context.TargetContext.GrainInstance is ClientGrain or OrganisationGrain)
            {
                _seen[(context.TargetContext.GrainId.Key.ToString()!, context.TargetContext.Address.SiloAddress!)] = 1;
            }

            return Task.CompletedTask;
        };
        return federation;
    }

    // Clients that keep their data are asked one by one, whatever is configured; and what is bound to no label is placed as the cluster says.
    private static void Configure(ISiloBuilder silo) =>
        silo.Services.Configure<TrainingOptions>(options => options.AskInBatches = true).AddSingleton<PlacementStrategy, RandomPlacement>();

    private static RunRequest Request(string learner) => HostedFederationTests.Request("own", learner);

    private static IOrganisationsGrain Organisations(TestFederation federation) => federation.Grains.GetGrain<IOrganisationsGrain>("own");

    private static IHistoryGrain History(TestFederation federation) => HostedFederationTests.History(federation, "own");

    private static InProcessSiloHandle[] Silos(TestFederation federation) => [.. federation.Cluster.GetActiveSilos()];

    private static bool Has(InProcessSiloHandle silo, string? label) => label is null || silo.ServiceProvider.GetRequiredService<SiloLabels>().IsHere(label);

    private static SiloAddress[] Having(TestFederation federation, string? label) => [.. Silos(federation).Where(silo => Has(silo, label)).Select(silo => silo.SiloAddress).Order()];

    private static async Task<UserKey> KeysAsync(TestFederation federation) => new(await federation.Grains.GetGrain<IUserRegistryGrain>("own").GetKeyAsync());

    private static Task<RecommendationAnswer> RecommendAsync(TestFederation federation, string user) =>
        federation.Grains.GetGrain<IRecommenderGrain>("own").RecommendAsync(new RecommendationQuery(user, 5, Explain: false, 0));

    private static async Task ImportAsync(TestFederation federation, Organisation organisation)
    {
        var receipt = await History(federation).ImportOfAsync(organisation.Name, organisation.Changes);
        Assert.True(receipt.Outcome == HistoryOutcome.Recorded, receipt.Message);
    }

    // Of the last round.
    private static int Participants(RunStatus status) => status.Rounds[^1].Participants;

    // A silo that starts is known with its labels a moment after it is up.
    private static async Task<RecommendationAnswer> UntilUpAsync(Func<Task<RecommendationAnswer>> ask)
    {
        RecommendationAnswer? answer = null;
        await Waiting.UntilAsync(async () =>
        {
            try
            {
                answer = await ask();
                return true;
            }
            catch (SiloLabelException)
            {
                return false;
            }
        }, "a silo with the label is up");
        return answer!;
    }

    private static Organisation[] Rows(int organisations, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, organisations).Select(number => new Organisation(
            $"shop {random.Next()}", [.. Enumerable.Range(0, 60).Select(i => Event($"u{i % 6}", $"i{random.Next(30)}", i))]))];
    }

    private static HistoryChange Event(string user, string item, int time) => new(user, HistoryChangeKind.Added, item) { Time = 1_700_000_000_000 + time };

    private SiloAddress[] SilosOf(string grain) => [.. _seen.Keys.Where(one => one.Grain == $"own/{grain}").Select(one => one.Silo).Order()];

    private sealed record Organisation(string Name, ImmutableArray<HistoryChange> Changes);
}
