using System.Diagnostics.CodeAnalysis;
using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;
using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Grains.Parties;
using FedRec.Grains.Privacy;
using FedRec.Grains.Requests;
using Microsoft.Extensions.Options;

namespace FedRec.Grains.Training;

/// <summary>The runs a silo takes part in, loaded once each. The data is read where the silo runs and never sent.</summary>
/// <remarks>A run is kept only as its grain has stored it: what a request asks for that was refused, or was never stored, is never trained or
/// served. The run in training and the run of the version in use stay; of the others those go first that were not used for longest.</remarks>
internal sealed class RunCache(IGrainFactory grains, DatasetCache datasets, HostedRuns hosted, FederationParts parts, IOptions<TrainingOptions> options, WorkerPools pools, SiloSecret secret, ILoggerFactory loggers) : IDisposable
{
    private readonly RecentlyUsed<string, RunContext> _runs = new(options.Value.CachedRuns, run => run.Retire());

    /// <summary>The run, when this silo has it in memory.</summary>
    public bool TryGet(string runKey, [NotNullWhen(true)] out RunContext? run) => _runs.TryGet(runKey, out run);

    /// <summary>The run, loaded now when this silo does not have it.</summary>
    /// <exception cref="ArgumentException">There is no such run, or it cannot be used any more (its data is gone).</exception>
    public Task<RunContext> GetAsync(string runKey, CancellationToken cancellationToken) =>
        _runs.GetOrLoad(runKey, LoadAsync).WaitAsync(cancellationToken);

    /// <summary>Checks a request on its data. Nothing but the data stays in memory.</summary>
    /// <exception cref="ArgumentException">The data, learner or an option is not usable; the message says which.</exception>
    public Task<RunContext> CheckAsync(string runKey, RunRequest request, RunSource source, CancellationToken cancellationToken)
    {
        request = RunRequests.WithDefaults(request, parts);
        RequestChecks.Check(new(request, source), parts);
        return Task.Run(() => CreateAsync(runKey, request, source, secret)).WaitAsync(cancellationToken);
    }

    /// <summary>Loads a run that is about to train and keeps it until it is released.</summary>
    /// <param name="runKey">The run.</param>
    /// <param name="requestHash">Hash of the request that it trains; a run of the same name with another one is not kept.</param>
    /// <exception cref="ArgumentException">It cannot be used on this silo.</exception>
    public async Task PrepareAsync(string runKey, string requestHash)
    {
        _runs.Pin(Trains(runKey), runKey);
        if (await HashAsync(runKey) == requestHash)
        {
            return;
        }

        _runs.Remove(key => key == runKey); // from before a store lost it
        if (await HashAsync(runKey) != requestHash)
        {
            throw new ArgumentException($"Run {runKey} is stored with other settings than it trains with.", nameof(requestHash));
        }
    }

    /// <summary>Notes that a run has ended.</summary>
    public void Release(string runKey) => _runs.Unpin(Trains(runKey), runKey);

    /// <summary>Keeps the run of the version in use, in place of the one that was before.</summary>
    public void Serve(string runKey) => _runs.Pin($"serving {GrainKeys.Federation(runKey)}", runKey);

    /// <summary>Releases the networks of all threads when the silo stops, and not when a collection finds them: it does not see what they weigh.</summary>
    public void Dispose()
    {
        pools.Dispose(); // first, since its threads use them
        foreach (var run in _runs.Values)
        {
            run.Dispose();
        }
    }

    // One run of a federation trains at a time.
    private static string Trains(string runKey) => $"training {GrainKeys.Federation(runKey)}";

    private async Task<string> HashAsync(string runKey) => await GetAsync(runKey, CancellationToken.None) is var run ? RunRequests.Hash(run.Request, run.Source) : "";

    private async Task<RunContext> LoadAsync(string runKey) => await grains.GetGrain<IRunGrain>(runKey).GetStatusAsync() switch
    {
        null => throw new ArgumentException($"There is no run {runKey}.", nameof(runKey)),
        { Phase: RunPhase.Loading } => throw new ArgumentException($"Run {runKey} has not started: its data is still being read.", nameof(runKey)),
        var status => await CreateAsync(runKey, RunRequests.WithDefaults(status.Request, parts), status.Source, secret.For(status.StartedAt)),
    };

    private async Task<RunContext> CreateAsync(string runKey, RunRequest request, RunSource source, SiloSecret own)
    {
        var definition = source.Hosted is not null ? await hosted.DefineAsync(runKey, request, source) : await LoadAsync(request, source);
        var learner = RunContext.LearnerOf(parts, request, definition.Shape);
        return new RunContext(runKey, definition, learner, parts, own, loggers.CreateLogger<RunContext>())
        {
            Counted = await FindCountedRunAsync(request),
        };
    }

    private async Task<RunDefinition> LoadAsync(RunRequest request, RunSource source)
    {
        var dataset = await datasets.OpenAsync(RunRequests.ToDatasetOptions(source.Simulated!, source.HoldOutValidation));
        return RunDefinition.Of(request, source, dataset, Deal(dataset, source.Simulated!, request.Seed));
    }

    private static ClientPartition Deal(Dataset dataset, DataSpec data, ulong seed) => data switch
    {
        { Parties: > 0 and var parties, Alpha: > 0 and var alpha } => ClientPartition.Skewed(dataset, parties, alpha, seed),
        { Parties: > 0 and var parties } => ClientPartition.Dealt(dataset, parties, seed),
        _ => dataset.Parties is not null ? ClientPartition.ByParty(dataset) : ClientPartition.PerUser(dataset),
    };

    // A version that is not there gives none here; the start of the run refuses it.
    private async Task<CountedRun?> FindCountedRunAsync(RunRequest request)
    {
        if (request.WarmStart == 0 || !parts.Learner(request.Learner).Recommended(request.LearnerOptions).TakesChanges
            || await grains.GetGrain<IModelGrain>(request.Federation).GetManifestAsync(request.WarmStart) is not { } manifest)
        {
            return null;
        }

        var counted = await grains.GetGrain<IRunGrain>(GrainKeys.Run(request.Federation, manifest.RunId)).GetStatusAsync();
        return new CountedRun(GrainKeys.RunNumber(manifest.RunId), counted?.Clients ?? 0, counted?.Items ?? 0);
    }
}
