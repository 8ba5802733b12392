using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;
using FedRec.Grains.Parties;

namespace FedRec.Grains.Tests.Parties;

/// <summary>A version that counts what clients keep themselves takes in what has changed since, to the bytes of counting all of it afresh, and of a simulation.</summary>
public sealed class HostedWarmStartTests
{
    private static readonly RunRequest s_ease = HostedFederationTests.Request("own", "ease");
    private readonly SurvivingStorage _states = new();
    private readonly MemoryModelStore _models = new();

    [Theory]
    [InlineData(null)]
    [InlineData("north")]
    public async Task Run_AddsToAVersionAfterChanges_GivesTheBytesOfTrainingAfresh(string? organisation)
    {
        using var rows = new HostedRows(users: 40, items: 20);
        long version;
        string first;
        await using (var federation = await TestFederation.StartAsync(1, _states, _models))
        {
            await ImportAsync(federation, organisation, [.. rows.Changes.Where(change => change.User != rows.Changes[0].User)]);
            await HostedFederationTests.History(federation, "own").ImportOfAsync("other", [.. rows.Changes.Take(40)]);
            await federation.RunAsync(s_ease with { Rounds = s_ease.Rounds with { Dropout = 0.9 } }); // another one in between, whose number counts
            (version, first) = await federation.RunAsync(s_ease) is var run ? (run.Version, run.Sha256) : default;
            await ImportAsync(federation, organisation, [.. rows.Changes.Where(change => change.User == rows.Changes[0].User)]); // a new user
            await ImportAsync(federation, organisation, [rows.Changes[5] with { Item = "new", Time = 1_800_000_000_000 }, rows.Changes[7] with { Item = "new", Time = 1_500_000_000_000 }]);
            await ImportAsync(federation, organisation, [rows.Changes[9] with { User = "newcomer" }, rows.Changes[8] with { User = "newcomer" }]);
        }

        await using var again = await TestFederation.StartAsync(2, _states, _models);
        var updated = await again.RunAsync(s_ease with { WarmStart = version });
        var name = organisation is null ? rows.Changes[9].User : $"{organisation}/{rows.Changes[9].User}";
        Assert.Equal(HistoryOutcome.Recorded, (await HostedFederationTests.History(again, "own").RecordAsync(new HistoryChange(name, HistoryChangeKind.Removed, rows.Changes[9].Item))).Outcome);
        var changed = await again.RunAsync(s_ease with { WarmStart = updated.Version });
        var unchanged = await again.RunAsync(s_ease with { WarmStart = changed.Version });
        var afresh = await again.RunAsync(s_ease);

        Assert.Equal(RunPhase.Completed, updated.Phase);
        Assert.NotEqual(first, updated.Sha256);
        Assert.NotEqual(updated.Sha256, changed.Sha256);
        Assert.Equal((afresh.Sha256, afresh.Sha256), (changed.Sha256, unchanged.Sha256));
        Assert.Equal(21, updated.Items);
    }

    [Fact]
    public async Task Run_AddsToAVersion_GivesTheBytesOfASimulationThatAddsTheSame()
    {
        using var all = new HostedRows(users: 40, items: 20);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var later = all.Changes.Where((change, place) => place % 7 == 0 && !seen.Add(change.User)).Take(12).ToArray(); // of users who have done other things
        var newest = all.Changes.GroupBy(change => change.User).ToDictionary(own => own.Key, own => own.Max(change => change.Time));
        later = [.. later.Where(change => change.Time != newest[change.User])]; // what is held out stays held out
        using var rows = new HostedRows([.. all.Changes.Except(later)]);
        var request = s_ease with { LearnerOptions = ImmutableSortedDictionary<string, string>.Empty.Add("lambda", "20") };
        await using var federation = await TestFederation.StartAsync(2);
        await federation.Grains.GetGrain<IFederationGrain>("own").HostAsync(hasRatings: false);
        await HostedFederationTests.ImportAsync(federation, "own", rows.Changes);
        var firsts = (Hosted: await federation.RunAsync(request), Loaded: await federation.RunAsync(request with { Federation = "loaded" }, new DataSpec { Path = rows.FilePath }));

        await HostedFederationTests.ImportAsync(federation, "own", [.. later]);
        foreach (var change in later)
        {
            Assert.Equal(HistoryOutcome.Recorded, (await HostedFederationTests.History(federation, "loaded").RecordAsync(change with { Time = null })).Outcome);
        }

        var hosted = await federation.RunAsync(request with { WarmStart = firsts.Hosted.Version });
        var loaded = await federation.RunAsync(request with { Federation = "loaded", WarmStart = firsts.Loaded.Version });

        Assert.NotEmpty(later);
        Assert.Equal(firsts.Loaded.Sha256, firsts.Hosted.Sha256);
        Assert.NotEqual(firsts.Hosted.Sha256, hosted.Sha256);
        Assert.Equal(loaded.Sha256, hosted.Sha256);
    }

    [Theory]
    [InlineData("forgotten", "counts what a forgotten user had done")]
    [InlineData("options", "under other options of ease")]
    [InlineData("validation", "counted from other data")]
    [InlineData("incomplete", "only a complete version can be changed")]
    public async Task StartRun_AVersionThatCannotBeChanged_IsRefused(string why, string expected)
    {
        using var rows = new HostedRows(users: 20, items: 15);
        await using var federation = await TestFederation.StartAsync(1);
        await HostedFederationTests.ImportAsync(federation, "own", rows.Changes);
        var first = await federation.RunAsync(s_ease with { Rounds = s_ease.Rounds with { Dropout = why == "incomplete" ? 0.3 : 0 } });
        if (why == "forgotten")
        {
            await HostedFederationTests.History(federation, "own").RecordAsync(new HistoryChange(rows.Changes[0].User, HistoryChangeKind.Forgotten));
        }

        var receipt = await federation.StartRunAsync(s_ease with
        {
            WarmStart = first.Version,
            HoldOutValidation = why == "validation",
            LearnerOptions = s_ease.LearnerOptions.SetItem("lambda", why == "options" ? "21" : "20"),
        });

        Assert.Equal(RunOutcome.Invalid, receipt.Outcome);
        Assert.Contains(expected, receipt.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_AddsToAVersionThatKnewNothingOfAClientOrItem_CountsThemWhole(bool isOrganisation)
    {
        using var rows = new HostedRows(users: 20, items: 15);
        var later = new HistoryChange("late", HistoryChangeKind.Added, "late") { Time = 1_500_000_000_000 };
        await using (var federation = await TestFederation.StartAsync(1, _states, _models))
        {
            await ImportAsync(federation, isOrganisation ? "north" : null, rows.Changes);
            await federation.RunAsync(s_ease);
        }

        // What came between the start of that run and its question to the client: under the number of the run before it, and with clients and items that the run had not.
        await using var again = await TestFederation.StartAsync(1, _states, _models);
        await again.Grains.GetGrain<ICatalogueGrain>("own").AddAsync([new CatalogueItem("late", null, [])]);
        var key = new UserKey(await again.Grains.GetGrain<IUserRegistryGrain>("own").GetKeyAsync());
        foreach (var client in isOrganisation ? [key.OfOrganisation("north"), key.OfOrganisation("late")] : new[] { key.Of(rows.Changes[0].User), key.Of("late") })
        {
            await again.Grains.GetGrain<IRegistryGrain>("own").JoinAsync([client]);
            ImmutableArray<HistoryChange> unknown = [later, later with { Time = 1_400_000_000_000, Item = client == key.Of("late") || client == key.OfOrganisation("late") ? rows.Changes[2].Item : "late" }];
            _ = isOrganisation ? await again.Grains.GetGrain<IOrganisationGrain>(GrainKeys.User("own", client)).RecordManyAsync([.. unknown.Select(change => change with { User = rows.Changes[5].User })], lastRun: 0)
                : await again.Grains.GetGrain<IUserGrain>(GrainKeys.User("own", client)).RecordManyAsync(unknown, lastRun: 0);
        }

        var updated = await again.RunAsync(s_ease with { WarmStart = 1 });
        var afresh = await again.RunAsync(s_ease);

        Assert.Equal(afresh.Sha256, updated.Sha256);
    }

    [Theory]
    [InlineData("10", "counted of 20 users, in units too fine for 1045")]
    [InlineData("0", null)]
    public async Task StartRun_WithManyMoreUsersThanAreCounted_IsRefusedWhereUnitsAreTooFine(string kernel, string? expected)
    {
        using var rows = new HostedRows(users: 20, items: 15);
        var request = s_ease with { LearnerOptions = s_ease.LearnerOptions.SetItem("kernel", kernel) };
        await using var federation = await TestFederation.StartAsync(1);
        await HostedFederationTests.ImportAsync(federation, "own", rows.Changes);
        await federation.RunAsync(request);
        await HostedFederationTests.History(federation, "own").ImportOfAsync("north", [.. Enumerable.Range(0, 1_025).Select(i => rows.Changes[i % 20] with { User = $"u{i}" })]);

        var receipt = await federation.StartRunAsync(request with { WarmStart = 1 });

        Assert.Equal(expected is null ? RunOutcome.Started : RunOutcome.Invalid, receipt.Outcome);
        Assert.Contains(expected ?? "", receipt.Message, StringComparison.Ordinal);
    }

    private static async Task ImportAsync(TestFederation federation, string? organisation, ImmutableArray<HistoryChange> changes)
    {
        var history = HostedFederationTests.History(federation, "own");
        var receipt = organisation is null ? await history.ImportAsync(changes) : await history.ImportOfAsync(organisation, changes);
        Assert.True(receipt.Outcome == HistoryOutcome.Recorded, receipt.Message);
    }
}
