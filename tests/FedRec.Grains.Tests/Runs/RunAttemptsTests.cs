using System.Collections.Concurrent;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Core.Internal;

namespace FedRec.Grains.Tests.Runs;

/// <summary>What a run takes for passing, and how often.</summary>
public sealed class RunAttemptsTests
{
    [Theory]
    [InlineData("an outage", 20, RunPhase.Completed)] // silos and stores come back: waited for
    [InlineData("a fault", 4, RunPhase.Completed)]
    [InlineData("a fault", 5, RunPhase.Failed)] // one that comes again and again does not pass
    public async Task Round_ThatCannotBeOpenedSoOften_EndsTheRunOnlyWhereItDoesNotPass(string what, int times, RunPhase expected)
    {
        var failures = 0;

        var status = await RunAsync(_ => failures++ < times, what == "an outage" ? new IOException(what) : new NotSupportedException(what));

        Assert.Equal((expected, expected == RunPhase.Completed ? 8 : 0), (status.Phase, status.RoundsDone));
        Assert.Equal(expected == RunPhase.Failed, status.Reason?.Contains(what, StringComparison.Ordinal) ?? false);
    }

    [Fact]
    public async Task Faults_WithARoundBetweenThem_AreNotCountedTogether()
    {
        var failures = new int[9];

        var status = await RunAsync(round => failures[round]++ < 3, new NotSupportedException("a fault")); // in each round; five in a row are too many

        Assert.Equal((RunPhase.Completed, 8), (status.Phase, status.RoundsDone));
        Assert.All(failures.Skip(1), count => Assert.Equal(4, count));
    }

    // A write that fails ends the activation, which takes no calls until its driver has ended: whoever asks it for parameters, or where it stands, would wait for that.
    [Fact]
    public async Task Write_ThatFailsInMidRun_LetsTheNextActivationAnswerAndGoOn()
    {
        var states = new SurvivingStorage();
        await using var federation = await TestFederation.StartAsync(1, states);
        var (failed, answered) = (new TaskCompletionSource(), new TaskCompletionSource());
        states.OnFailure = () =>
        {
            states.FailWritesOf = null;
            failed.TrySetResult();
        };
        federation.Gate.Before = async call =>
        {
            if (call is { Grain: IRoundGrain, MethodName: nameof(IRoundGrain.OpenAsync) } && call.TargetId.Key.ToString()!.Split('/')[^1] is var round)
            {
                states.FailWritesOf = round == "3" && !failed.Task.IsCompleted ? "run" : null;
                await (round == "5" ? answered.Task : Task.CompletedTask); // no driver ends before
            }
        };
        await federation.StartRunAsync(TestFederation.Request(rounds: 8));
        await failed.Task;

        Assert.NotNull(await federation.Grains.GetGrain<IRunGrain>("test/run-1").GetStatusAsync().WaitAsync(TimeSpan.FromMinutes(4)));

        answered.SetResult();
        var status = await federation.WaitAsync("test", "run-1");
        await using var undisturbed = await TestFederation.StartAsync(1);
        Assert.Equal((RunPhase.Completed, 8, (await undisturbed.RunAsync(TestFederation.Request(rounds: 8))).Sha256), (status.Phase, status.RoundsDone, status.Sha256));
    }

    // As when the silo is lost that had the activation in its directory. Clients may ask the run before they train, and it would wait for them.
    [Fact]
    public async Task Activation_EndedInMidRound_LetsTheNextAnswerAtOnce_ThoughClientsAreStillTraining()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var (asked, answered) = (new TaskCompletionSource(), new TaskCompletionSource());
        federation.Gate.Before = async call =>
        {
            if (call is { Grain: IClientGrain, MethodName: nameof(IClientGrain.TrainAsync) } && call.Request.GetArgument(0) is TrainOrder { Round: 3 })
            {
                asked.TrySetResult();
                await answered.Task;
            }
        };
        await federation.StartRunAsync(TestFederation.Request(rounds: 8));
        await asked.Task;
        var run = federation.Grains.GetGrain<IRunGrain>("test/run-1");

        await run.AsReference<IGrainManagementExtension>().DeactivateOnIdle();

        Assert.NotNull(await run.GetStatusAsync().WaitAsync(TimeSpan.FromMinutes(4)));
        answered.SetResult();
        var status = await federation.WaitAsync("test", "run-1");
        await using var undisturbed = await TestFederation.StartAsync(1);
        Assert.Equal((RunPhase.Completed, 8, (await undisturbed.RunAsync(TestFederation.Request(rounds: 8))).Sha256), (status.Phase, status.RoundsDone, status.Sha256));
    }

    // A silo that is gone refuses calls until the others know it, for seconds.
    [Fact]
    public async Task Clients_NotReachedForAMoment_AreCountedAllTheSame()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var refused = new ConcurrentDictionary<string, int>();
        federation.Gate.Before = call => call is { Grain: IClientGrain, MethodName: nameof(IClientGrain.TrainAsync) } && call.Request.GetArgument(0) is TrainOrder { Round: 3 }
            && refused.AddOrUpdate(call.TargetId.ToString(), 1, (_, times) => times + 1) <= 5 ? Task.FromException(new SiloUnavailableException("gone")) : Task.CompletedTask;

        var status = await federation.RunAsync(TestFederation.Request(rounds: 8));

        Assert.All(refused.Values, times => Assert.Equal(6, times));
        await using var undisturbed = await TestFederation.StartAsync(1);
        Assert.Equal((await undisturbed.RunAsync(TestFederation.Request(rounds: 8))).Sha256, status.Sha256);
    }

    // Nobody asks for the run, which would wake it; its reminder does after a minute.
    [Fact]
    public async Task Silo_ThatIsGone_HasItsRunGoOnAtOnceElsewhere()
    {
        await using var federation = await TestFederation.StartAsync(2);
        var (held, goesOn) = (new TaskCompletionSource<SiloAddress>(), new TaskCompletionSource<SiloAddress>());
        var never = new TaskCompletionSource();
        federation.Gate.Before = async call =>
        {
            if (call is { Grain: IRoundGrain, MethodName: nameof(IRoundGrain.OpenAsync) } && call.TargetId.Key.ToString()!.EndsWith("/3", StringComparison.Ordinal))
            {
                var silo = call.TargetContext.Address.SiloAddress!;
                if (held.TrySetResult(silo))
                {
                    await never.Task; // this activation never goes on
                }

                goesOn.TrySetResult(silo);
            }
        };
        await federation.StartRunAsync(TestFederation.Request(rounds: 8));
        var lost = await held.Task;

        await federation.Cluster.KillSiloAsync(federation.Cluster.Silos.Single(silo => silo.SiloAddress.Equals(lost)));

        Assert.NotEqual(lost, await goesOn.Task.WaitAsync(TimeSpan.FromMinutes(4)));
        never.SetCanceled();
    }

    private static async Task<RunStatus> RunAsync(Predicate<int> fails, Exception failure)
    {
        await using var federation = await TestFederation.StartAsync(1, configure: silo => silo.Services.AddSingleton<TimeProvider>(new QuickPauses()));
        federation.Gate.Before = call =>
            call is { Grain: IRoundGrain, MethodName: nameof(IRoundGrain.OpenAsync) } && fails(int.Parse(call.TargetId.Key.ToString()!.Split('/')[^1], System.Globalization.CultureInfo.InvariantCulture))
                ? Task.FromException(failure)
                : Task.CompletedTask;

        return await federation.RunAsync(TestFederation.Request(rounds: 8));
    }
}
