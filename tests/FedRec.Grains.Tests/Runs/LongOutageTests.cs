using FedRec.Contracts.Federations;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace FedRec.Grains.Tests.Runs;

/// <summary>A store that is away for longer than anybody waits for it: runs go on when it is back, without their reminders.</summary>
public sealed class LongOutageTests
{
    [Fact]
    public async Task UnfinishedRun_AfterAnOutageOfManyAttempts_GoesOnByItself()
    {
        var (states, models, away) = (new SurvivingStorage(), new MemoryModelStore(), new Outage(attempts: 50));
        await using (var lost = await TestFederation.StartAsync(1, states, models))
        {
            await lost.LoseInRoundThreeAsync();
        }

        await using var federation = await TestFederation.StartAsync(1, states, models, silo =>
        {
            silo.AddIncomingGrainCallFilter(away);
            silo.Services.RemoveAll<TimeProvider>().AddSingleton<TimeProvider>(new QuickPauses());
        });

        await away.Over.WaitAsync(TimeSpan.FromMinutes(4));
        await UntilEndedAsync(states, federation).WaitAsync(TimeSpan.FromSeconds(55)); // a reminder comes after a minute at the earliest; and nobody asks for the run

        Assert.Equal(RunPhase.Completed, (await federation.Grains.GetGrain<IRunGrain>("test/run-1").GetStatusAsync())!.Phase);
    }

    private static async Task UntilEndedAsync(SurvivingStorage states, TestFederation federation)
    {
        while (states.Read<FedRec.Grains.Runs.RunState>("run", "run/test/run-1", federation.Serializer).Status!.Phase != RunPhase.Completed)
        {
            await Task.Delay(20);
        }
    }

    /// <summary>Whoever asks which federations there are is told that the store does not answer, so often.</summary>
    private sealed class Outage(int attempts) : IIncomingGrainCallFilter
    {
        private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = attempts;

        public Task Over => _over.Task;

        public Task Invoke(IIncomingGrainCallContext context)
        {
            if (context is not { Grain: IFederationDirectoryGrain, MethodName: nameof(IFederationDirectoryGrain.ListAsync) })
            {
                return context.Invoke();
            }

            if (Interlocked.Decrement(ref _left) >= 0)
            {
                throw new IOException("The store does not answer.");
            }

            _over.TrySetResult();
            return context.Invoke();
        }
    }
}
