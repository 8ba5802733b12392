using FedRec.Contracts.Clients;
using FedRec.Contracts.Runs;
using FedRec.Core.Data;
using FedRec.Grains.Training;
using FedRec.Scenarios;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Grains.Tests;

/// <summary>Stops a federation where a test wants to look at it or to lose it.</summary>
internal static class Holding
{
    /// <summary>Starts a run whose clients do not answer before the hold is released.</summary>
    /// <param name="federation">Its gate is used.</param>
    /// <param name="request">The run.</param>
    /// <param name="fromRound">Rounds before this one are trained.</param>
    /// <param name="data">What is simulated; null for what the federation knows.</param>
    /// <returns>The hold, once a client was asked.</returns>
    public static async Task<Hold> HoldInRoundAsync(this TestFederation federation, RunRequest request, int fromRound = 1, DataSpec? data = null)
    {
        var hold = new Hold();
        federation.Gate.Before = call => call.ImplementationMethod.Name == nameof(IClientGrain.TrainAsync)
            && (TrainOrder)call.Request.GetArgument(0)! is var order && order.Round >= fromRound && GrainKeys.Federation(order.RunKey) == request.Federation ? hold.PassAsync() : Task.CompletedTask;
        hold.Receipt = await federation.StartRunAsync(request, data);
        await hold.Reached;
        return hold;
    }

    /// <summary>Starts a run and loses the silo in its third round, two of which are stored.</summary>
    /// <returns>The run as it was.</returns>
    public static async Task<RunStatus> LoseInRoundThreeAsync(this TestFederation lost, RunRequest? request = null, DataSpec? data = null)
    {
        var hold = await lost.HoldInRoundAsync(request ?? TestFederation.Request(), fromRound: 3, data);
        var status = (await lost.Grains.GetGrain<IRunGrain>($"test/{hold.Receipt!.RunId}").GetStatusAsync())!;
        await lost.Cluster.KillSiloAsync(lost.Cluster.Silos[0]);
        return status;
    }
}

/// <summary>Calls that wait until they are let go.</summary>
internal sealed class Hold
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What the federation said to the start.</summary>
    public RunReceipt? Receipt { get; set; }

    /// <summary>Done when somebody waits.</summary>
    public Task Reached => _reached.Task.WaitAsync(Waiting.Limit);

    public void Release() => _released.TrySetResult();

    public Task PassAsync()
    {
        _reached.TrySetResult();
        return _released.Task;
    }
}

/// <summary>A source of data that does not answer for one seed before it is released.</summary>
internal sealed class HeldSource : IDisposable
{
    private const ulong Seed = 77;
    private readonly ManualResetEventSlim _gate = new();
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What is held.</summary>
    public static DataSpec Data => TestFederation.Data with { SyntheticSeed = Seed };

    /// <summary>Done when the data is asked for.</summary>
    public Task Reached => _reached.Task.WaitAsync(Waiting.Limit);

    public void Release() => _gate.Set();

    public void Configure(ISiloBuilder silo) => silo.Services.AddSingleton<DatasetReader>(Read);

    public void Dispose() => _gate.Set(); // the thread that reads ends

    private Dataset Read(DatasetOptions options)
    {
        if (options.SyntheticSeed == Seed)
        {
            _reached.TrySetResult();
            _gate.Wait();
        }

        return MadeUpData.Open(options);
    }
}
