using FedRec.Contracts.Federations;
using FedRec.Contracts.Runs;
using FedRec.Core.Federation;
using FedRec.Core.Snapshots;
using FedRec.Grains.Parties;
using FedRec.Grains.Requests;
using FedRec.Grains.Training;
using Orleans.Concurrency;

namespace FedRec.Grains.Federations;

/// <summary>What a federation knows of itself: its runs, and whether it simulates data or its clients keep theirs.</summary>
/// <remarks>Reentrant, as a start takes as long as its data is being read; <see cref="FederationWrites"/> and <see cref="RunStarts"/> say what holds all the same.</remarks>
[Reentrant]
internal sealed class FederationGrain : Grain, IFederationGrain, IDisposable
{
    private readonly FederationWrites _state;
    private readonly RunStarts _starts;
    private readonly RunCache _contexts;
    private readonly FederationParts _parts;
    private readonly TimeProvider _time;

    public FederationGrain([PersistentState("federation", GrainsSetup.StorageName)] IPersistentState<FederationState> saved, RunCache contexts, HostedRuns hostedRuns, FederationParts parts, TimeProvider time)
    {
        (_contexts, _parts, _time) = (contexts, parts, time);
        _state = new FederationWrites(saved, this);
        _starts = new RunStarts(Name, _state, GrainFactory, hostedRuns, parts, time);
    }

    private FederationState Stored => _state.Stored;

    private string Name => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _state.Begin();
        return Task.CompletedTask;
    }

    public void Dispose() => _state.Dispose();

    public async Task<RunReceipt> StartRunAsync(RunRequest request, CancellationToken cancellationToken = default)
    {
        try
        {
            ModelKey.CheckFederation(request.Federation);
            return await _starts.StartAsync(request, cancellationToken);
        }
        catch (ArgumentException exception)
        {
            return RunRequests.Refusal(exception);
        }
    }

    public async Task RunEndedAsync(string runId, CancellationToken cancellationToken = default)
    {
        if (Stored.ActiveRun == runId)
        {
            await _state.WriteAsync(state => state.ActiveRun == runId ? state with { ActiveRun = null } : state);
        }
    }

    public async Task<int> NoteRecordedAsync(CancellationToken cancellationToken = default)
    {
        await _state.WriteAsync(state => state with { HasRecorded = true });
        return Stored.Runs.Length;
    }

    public async Task<HostedFederation?> HostAsync(bool hasRatings, CancellationToken cancellationToken = default)
    {
        ModelKey.CheckFederation(Name);
        if (Stored.MayBeHosted())
        {
            await _state.WriteAsync(async state =>
            {
                await GrainFactory.GetGrain<IFederationDirectoryGrain>(IFederationDirectoryGrain.Key).NoteRunAsync(Name, runId: "", CancellationToken.None);
                return state.MayBeHosted() ? state with { HostedRatings = hasRatings, LastActive = _time.GetUtcNow() } : state;
            });
        }

        return Stored.ToSummary(Name).Hosted;
    }

    public async Task<DataSpec?> SimulateAsync(DataSpec data, CancellationToken cancellationToken = default)
    {
        ModelKey.CheckFederation(Name);
        RequestChecks.CheckSource(data, _parts);
        if (Stored.HostedRatings is null)
        {
            await _state.WriteAsync(async state =>
            {
                await GrainFactory.GetGrain<IFederationDirectoryGrain>(IFederationDirectoryGrain.Key).NoteRunAsync(Name, runId: "", CancellationToken.None);
                return state.HostedRatings is null ? state with { Simulates = data, LastActive = state.LastActive ?? _time.GetUtcNow() } : state;
            });
        }

        return Stored.Simulates;
    }

    public Task<FederationSummary> GetSummaryAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult((Stored with { ActiveRun = Stored.ActiveRun ?? _starts.UnderWay }).ToSummary(Name));

    public async Task<DataReportAnswer?> GetDataReportAsync(CancellationToken cancellationToken = default) => Stored.Runs is [.., var newest]
        ? await DataReports.OfAsync(await _contexts.GetAsync(GrainKeys.Run(Name, newest), cancellationToken), GrainFactory, cancellationToken)
        : null;
}
