using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;
using FedRec.Core.Data;
using FedRec.Core.Models;
using FedRec.Core.Personalization;
using FedRec.Grains.Runs;
using Microsoft.Extensions.Options;

namespace FedRec.Grains.Training;

/// <summary>The runs a silo takes part in, loaded once each. The data is read where the silo runs and never sent.</summary>
internal sealed class RunContexts(IGrainFactory grains, IOptions<TrainingOptions> options, WorkerPools pools, ILoggerFactory loggers) : IDisposable
{
    private readonly ConcurrentDictionary<string, Task<RunContext>> _runs = new();
    private readonly ConcurrentDictionary<DatasetOptions, Task<Dataset>> _datasets = new();
    private readonly ConcurrentQueue<string> _order = new();

    /// <summary>The run, when this silo has it in memory.</summary>
    public bool TryGet(string runKey, [NotNullWhen(true)] out RunContext? run)
    {
        run = _runs.TryGetValue(runKey, out var loading) && loading.IsCompletedSuccessfully ? loading.Result : null;
        return run is not null;
    }

    /// <summary>The run, loaded now when this silo does not have it.</summary>
    /// <exception cref="ArgumentException">There is no such run, or it cannot be used any more (its data is gone).</exception>
    public Task<RunContext> GetAsync(string runKey, CancellationToken cancellationToken) =>
        LoadOnce(_runs, runKey, key => LoadAsync(key)).WaitAsync(cancellationToken);

    /// <summary>Checks a request and prepares it.</summary>
    /// <exception cref="ArgumentException">The data, learner or an option is not usable; the message says which.</exception>
    public Task<RunContext> PrepareAsync(string runKey, RunRequest request) => LoadOnce(_runs, runKey, key => CreateAsync(key, request));

    /// <summary>Releases the networks of all threads when the silo stops, and not when a collection finds them: it does not see what they weigh.</summary>
    public void Dispose()
    {
        pools.Dispose(); // first, since its threads use them
        foreach (var run in _runs.Values.Where(run => run.IsCompletedSuccessfully))
        {
            run.Result.Dispose();
        }
    }

    private async Task<RunContext> LoadAsync(string runKey)
    {
        var status = await grains.GetGrain<IRunGrain>(runKey).GetStatusAsync()
            ?? throw new ArgumentException($"There is no run {runKey}.", nameof(runKey));
        return await CreateAsync(runKey, status.Request);
    }

    private async Task<RunContext> CreateAsync(string runKey, RunRequest request)
    {
        request = RunRequests.WithDefaults(request);
        RunRequests.Validate(request);
        var dataset = await OpenAsync(RunRequests.ToDatasetOptions(request.Data));
        var partition = Deal(dataset, request);
        var learner = Personalizations.Around(
            LearnerRegistry.Create(request.Learner, request.LearnerOptions, FederationShape.Of(dataset, partition.Count)),
            RunRequests.ToOptions(request.Personalization), request.Rounds.Count);
        Remember(runKey);
        return new RunContext(runKey, request, dataset, partition, learner, loggers.CreateLogger<RunContext>())
        {
            CountedRun = await FindCountedRunAsync(request),
        };
    }

    private static ClientPartition Deal(Dataset dataset, RunRequest request) => request.Data switch
    {
        { Parties: > 0 and var parties, Alpha: > 0 and var alpha } => ClientPartition.Skewed(dataset, parties, alpha, request.Seed),
        { Parties: > 0 and var parties } => ClientPartition.Dealt(dataset, parties, request.Seed),
        _ => dataset.Parties is not null ? ClientPartition.ByParty(dataset) : ClientPartition.PerUser(dataset),
    };

    // A version that is not there gives 0 here; the start of the run refuses it.
    private async Task<int> FindCountedRunAsync(RunRequest request) =>
        request.WarmStart > 0 && RunRequests.IsOneShot(request)
        && await grains.GetGrain<IModelGrain>(request.Federation).GetManifestAsync(request.WarmStart) is { } manifest
            ? GrainKeys.RunNumber(manifest.RunId)
            : 0;

    private async Task<Dataset> OpenAsync(DatasetOptions options)
    {
        try
        {
            return await LoadOnce(_datasets, options, key => Task.Run(() => DatasetSource.Open(key)));
        }
        catch (DatasetException exception)
        {
            throw new DataNotUsableException(exception.Message, exception.Place); // a type that every caller can read
        }
    }

    private void Remember(string runKey)
    {
        _order.Enqueue(runKey);
        while (_order.Count > options.Value.CachedRuns && _order.TryDequeue(out var oldest))
        {
            _runs.TryRemove(oldest, out _);
        }

        if (_datasets.Count > options.Value.CachedRuns)
        {
            _datasets.Clear(); // those in use stay alive through their runs
        }
    }

    // Loads once for all who ask at the same time; a failure is not remembered.
    private static Task<TValue> LoadOnce<TKey, TValue>(ConcurrentDictionary<TKey, Task<TValue>> cache, TKey key, Func<TKey, Task<TValue>> load)
        where TKey : notnull
    {
        if (cache.TryGetValue(key, out var present))
        {
            return present;
        }

        var lazy = new Lazy<Task<TValue>>(() => load(key));
        var task = cache.GetOrAdd(key, _ => Task.Run(() => lazy.Value));
        _ = task.ContinueWith(
            failed => ((ICollection<KeyValuePair<TKey, Task<TValue>>>)cache).Remove(new(key, failed)),
            CancellationToken.None, TaskContinuationOptions.NotOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return task;
    }
}
