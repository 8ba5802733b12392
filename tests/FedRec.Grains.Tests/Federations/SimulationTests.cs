using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;
using FedRec.Grains.Federations;
using FedRec.Grains.Runs;

namespace FedRec.Grains.Tests.Federations;

/// <summary>What is simulated belongs to the federation: it is told once, and a run keeps what it started with.</summary>
public sealed class SimulationTests
{
    private static readonly DataSpec s_data = TestFederation.Data;
    private static readonly DataSpec s_other = s_data with { SyntheticSeed = 7 };
    private static readonly RunRequest s_request = TestFederation.Request();
    private readonly SurvivingStorage _states = new();
    private readonly MemoryModelStore _models = new();

    [Fact]
    public async Task Simulate_OtherData_ReachesRunsThatStartLaterAndNoOther()
    {
        string first, second;
        await using (var undisturbed = await TestFederation.StartAsync(1))
        {
            first = (await undisturbed.RunAsync(TestFederation.Request("first", 40))).Sha256;
            second = (await undisturbed.RunAsync(TestFederation.Request("second"), s_other)).Sha256;
        }

        await using (var cut = await TestFederation.StartAsync(1, _states, _models))
        {
            await Federation(cut).SimulateAsync(s_data);
            await Federation(cut).StartRunAsync(s_request with { Rounds = new RoundSettings { Count = 40 } });
            await cut.WaitForCheckpointAsync();
            await Federation(cut).SimulateAsync(s_other);
        }

        await using var again = await TestFederation.StartAsync(1, _states, _models);
        var resumed = await again.WaitAsync("test", "run-1");
        await again.WaitUntilIdleAsync();
        var next = await again.RunAsync(s_request);

        Assert.Equal((first, s_data), (resumed.Sha256, resumed.Source.Simulated));
        Assert.Equal((second, s_other), (next.Sha256, next.Source.Simulated));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_ThatAnOlderProgramStarted_KeepsTheDataItNamedAndItsFederationSimulatesIt(bool heldOut)
    {
        RunStatus older;
        await using (var federation = await TestFederation.StartAsync(1, _states, _models))
        {
            older = await federation.RunAsync(s_request with { HoldOutValidation = heldOut }, s_other);
            await federation.WaitUntilIdleAsync();
            _states.Change<FederationState>("federation", Federation(federation).GetGrainId().ToString(), federation.Serializer, state => state with { Simulates = null });
            _states.Change<RunState>("run", federation.Grains.GetGrain<IRunGrain>("test/run-1").GetGrainId().ToString(), federation.Serializer, state => state with
            {
                Status = state.Status! with
                {
                    Source = null!, // what the run was about stood in its request
                    Request = state.Status.Request with { HoldOutValidation = false, LegacyData = s_other with { LegacyHoldOutValidation = heldOut }, LegacyRecordedHistory = true },
                },
            });
        }

        await using var again = await TestFederation.StartAsync(1, _states, _models);
        var read = (await again.Grains.GetGrain<IRunGrain>("test/run-1").GetStatusAsync())!;
        var measured = await again.Grains.GetGrain<IEvaluationGrain>("test").EvaluateAsync(1, [10]);
        var next = await Federation(again).StartRunAsync(s_request);

        Assert.Equal(new RunSource { Simulated = s_other, HoldOutValidation = heldOut, RecordedHistory = true }, read.Source);
        Assert.Equal(older.Evaluations[^1].Metrics["ndcg@10"], measured!.Metrics["ndcg@10"]);
        Assert.Equal(s_other, (await again.WaitAsync("test", next.RunId)).Source.Simulated);
    }

    [Fact]
    public async Task StartRun_InTheWordsOfAnOlderProgram_IsToldWhereDataIsNamedNowAndLeavesNoTrace()
    {
        await using var federation = await TestFederation.StartAsync(1, _states);

        var receipt = await Federation(federation).StartRunAsync(s_request with { LegacyData = s_other });

        Assert.Equal(RunOutcome.Invalid, receipt.Outcome);
        Assert.Contains("PUT /federations/test/simulation", receipt.Message, StringComparison.Ordinal);
        Assert.Empty(_states.Stored);
    }

    [Fact]
    public void Request_NamesNoData() => // nor does a caller set what a run is pinned to
        Assert.DoesNotContain(typeof(RunRequest).GetProperties(), property => property.PropertyType == typeof(DataSpec) || property.PropertyType == typeof(HostedData) || property.PropertyType == typeof(RunSource));

    [Fact]
    public async Task Run_HoldsOutForValidationWhereItAsksToOrNeedsTo()
    {
        await using var federation = await TestFederation.StartAsync(1);
        await Federation(federation).SimulateAsync(s_data);

        var asking = await federation.RunAsync(s_request with { HoldOutValidation = true });
        var patient = await federation.RunAsync(s_request with { Patience = 2, EvaluateEvery = 2 });
        var aiming = await federation.RunAsync(s_request with { TargetMetric = "ndcg@10", TargetValue = 0.99, EvaluateEvery = 2 });
        var plain = await federation.RunAsync(s_request with { TargetMetric = "loss", TargetValue = 0 });

        Assert.Equal((true, true, true, false), (asking.Source.HoldOutValidation, patient.Source.HoldOutValidation, aiming.Source.HoldOutValidation, plain.Source.HoldOutValidation));
        Assert.Equal(s_data, plain.Source.Simulated);
    }

    [Fact]
    public async Task StartRun_GivenAgainAfterOtherDataWasTold_IsAnotherRun()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var hold = await federation.HoldInRoundAsync(s_request);

        var same = await Federation(federation).StartRunAsync(s_request);
        await Federation(federation).SimulateAsync(s_other);
        var other = await Federation(federation).StartRunAsync(s_request);
        hold.Release();

        Assert.Equal((RunOutcome.Resumed, RunOutcome.Busy), (same.Outcome, other.Outcome));
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
