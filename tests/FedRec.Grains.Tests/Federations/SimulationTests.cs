using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;
using FedRec.Grains.Federations;

namespace FedRec.Grains.Tests.Federations;

/// <summary>What is simulated belongs to the federation: it is told once, and a run keeps what it started with.</summary>
public sealed class SimulationTests
{
    private static readonly DataSpec s_data = TestFederation.Request().Data!;
    private static readonly DataSpec s_other = s_data with { SyntheticSeed = 7 };
    private static readonly RunRequest s_untold = TestFederation.Request() with { Data = null };
    private readonly SurvivingStorage _states = new();
    private readonly MemoryModelStore _models = new();

    [Fact]
    public async Task Run_ThatNamesNoData_GivesTheBytesOfOneThatNamesWhatItsFederationWasTold()
    {
        await using var federation = await TestFederation.StartAsync(2);
        var told = await Federation(federation).SimulateAsync(s_data with { HoldOutValidation = true });

        var named = await federation.RunAsync(TestFederation.Request("named"));
        var untold = await federation.RunAsync(s_untold);
        await federation.RunAsync(s_untold with { Federation = "named" });

        Assert.Equal(s_data, told); // what is held out for validation is a run's own choice
        Assert.Equal((named.Request.Data, RunPhase.Completed), (untold.Request.Data, untold.Phase));
        Assert.Equal(named.Sha256, untold.Sha256);
        Assert.Equal(named.Sha256, (await federation.WaitAsync("named", "run-2")).Sha256);
    }

    [Fact]
    public async Task Simulate_OtherData_ReachesRunsThatStartLaterAndNoOther()
    {
        string first, second;
        await using (var undisturbed = await TestFederation.StartAsync(1))
        {
            first = (await undisturbed.RunAsync(TestFederation.Request("first", 40))).Sha256;
            second = (await undisturbed.RunAsync(TestFederation.Request("second") with { Data = s_other })).Sha256;
        }

        await using (var cut = await TestFederation.StartAsync(1, _states, _models))
        {
            await Federation(cut).SimulateAsync(s_data);
            await Federation(cut).StartRunAsync(s_untold with { Rounds = new RoundSettings { Count = 40 } });
            await cut.WaitForCheckpointAsync();
            await Federation(cut).SimulateAsync(s_other);
        }

        await using var again = await TestFederation.StartAsync(1, _states, _models);
        var resumed = await again.WaitAsync("test", "run-1");
        await again.WaitUntilIdleAsync();
        var next = await again.RunAsync(s_untold);

        Assert.Equal((first, s_data), (resumed.Sha256, resumed.Request.Data));
        Assert.Equal((second, s_other), (next.Sha256, next.Request.Data));
    }

    [Fact]
    public async Task Run_OfAFederationThatAnOlderProgramTrained_SimulatesWhatItsLastRunDid()
    {
        await using (var older = await TestFederation.StartAsync(1, _states, _models))
        {
            await older.RunAsync(TestFederation.Request() with { Data = s_other });
            await older.RunAsync(TestFederation.Request() with { Data = s_data with { HoldOutValidation = true } });
            await older.WaitUntilIdleAsync();
            _states.Change<FederationState>("federation", Federation(older).GetGrainId().ToString(), older.Serializer, state => state with { Simulates = null });
        }

        await using var federation = await TestFederation.StartAsync(1, _states, _models);
        var run = await federation.RunAsync(s_untold with { Patience = 2, EvaluateEvery = 2 });

        Assert.Null((await Federation(federation).GetSummaryAsync()).Simulates);
        Assert.Equal(s_data with { HoldOutValidation = true }, run.Request.Data);
    }

    [Fact]
    public async Task Run_ThatNamesNoData_HoldsOutForValidationWhereItNeedsTo()
    {
        await using var federation = await TestFederation.StartAsync(1);
        await Federation(federation).SimulateAsync(s_data);

        var patient = await federation.RunAsync(s_untold with { Patience = 2, EvaluateEvery = 2 });
        var aiming = await federation.RunAsync(s_untold with { TargetMetric = "ndcg@10", TargetValue = 0.99, EvaluateEvery = 2 });
        var plain = await federation.RunAsync(s_untold with { TargetMetric = "loss", TargetValue = 0 });

        Assert.Equal((true, true, false), (patient.Request.Data!.HoldOutValidation, aiming.Request.Data!.HoldOutValidation, plain.Request.Data!.HoldOutValidation));
        Assert.Equal(s_data, (await Federation(federation).GetSummaryAsync()).Simulates);
    }

    [Fact]
    public async Task Run_ThatNamesData_TellsItsFederationUnlessItIsRefused()
    {
        await using var federation = await TestFederation.StartAsync(1);
        await Federation(federation).SimulateAsync(s_data);

        var refused = await Federation(federation).StartRunAsync(TestFederation.Request() with { Data = new DataSpec { Path = "/no/such/file.csv" } });
        var after = (await Federation(federation).GetSummaryAsync()).Simulates;
        await federation.RunAsync(TestFederation.Request() with { Data = s_other });

        Assert.Equal((RunOutcome.Invalid, s_data), (refused.Outcome, after));
        Assert.Equal(s_other, (await Federation(federation).GetSummaryAsync()).Simulates);
    }

    [Fact]
    public async Task Simulate_WhatCannotBe_IsRefusedByNameAndLeavesNoTrace()
    {
        await using var federation = await TestFederation.StartAsync(1, _states);

        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => Federation(federation).SimulateAsync(new DataSpec { Alpha = 1 }));

        Assert.Contains("alpha", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(_states.Stored);
    }

    [Fact]
    public async Task Federation_IsEitherSimulatedOrHosted()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var change = new HistoryChange("u", HistoryChangeKind.Added, "i") { Time = 1 };
        await federation.Grains.GetGrain<IHistoryGrain>("hosted").ImportAsync([change]);
        await Federation(federation).SimulateAsync(s_data);

        var simulated = await federation.Grains.GetGrain<IFederationGrain>("hosted").SimulateAsync(s_data);
        var imported = await federation.Grains.GetGrain<IHistoryGrain>("test").ImportAsync([change]);

        Assert.Null(simulated);
        Assert.Equal(HistoryOutcome.Unfit, imported.Outcome);
        Assert.Contains("simulates", imported.Message, StringComparison.Ordinal);
    }

    private static IFederationGrain Federation(TestFederation federation) => federation.Grains.GetGrain<IFederationGrain>("test");
}
