using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;
using FedRec.Core.Data.Reports;
using FedRec.Core.Federation;
using FedRec.Core.Snapshots;
using FedRec.Grains.Clients;
using FedRec.Grains.Models;
using FedRec.Grains.Parties;
using FedRec.Grains.Requests;
using FedRec.Grains.Training;
using Orleans.Concurrency;

namespace FedRec.Grains.Federations;

/// <summary>Lets one run of a federation be active at a time.</summary>
/// <remarks>
/// Reentrant, as a start takes as long as its data is being read. What holds all the same: at most one start is under way
/// (<see cref="_starting"/> is set before its first await); writes come one after another (<see cref="_writing"/>), each made of the state as the one before
/// left it; reads see what is stored (<see cref="_stored"/>), never what is about to be.
/// A start writes the run, then the directory, then the list of runs here. The last write is the start: when an earlier one fails or a crash comes between,
/// there is no run, and the next start takes the same id.
/// </remarks>
[Reentrant]
internal sealed class FederationGrain(
    [PersistentState("federation", GrainsSetup.StorageName)] IPersistentState<FederationState> saved,
    RunCache contexts,
    HostedRuns hostedRuns,
    FederationParts parts,
    TimeProvider time) : Grain, IFederationGrain, IDisposable
{
    private readonly SemaphoreSlim _writing = new(1);
    private FederationState _stored = new();
    private Starting? _starting;

    private string Name => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _stored = saved.State;
        return Task.CompletedTask;
    }

    public void Dispose() => _writing.Dispose();

    public async Task<RunReceipt> StartRunAsync(RunRequest request, CancellationToken cancellationToken = default)
    {
        try
        {
            ModelKey.CheckFederation(request.Federation);
            if (request.LegacyData is not null)
            {
                throw new ArgumentException("The request names data, as programs of before did; a run is about what its federation simulates. Tell the federation first " +
                    $"(PUT /federations/{request.Federation}/simulation, or IFederationGrain.SimulateAsync), then start the run without data.");
            }

            var run = RequestChecks.Checked(request, await SimulatedAsync(), parts);
            return _starting is { } other ? other.Answer(Name, run, parts) : await StartUnlessActiveAsync(run, cancellationToken);
        }
        catch (ArgumentException exception)
        {
            return RunRequests.Refusal(exception);
        }
    }

    public async Task RunEndedAsync(string runId, CancellationToken cancellationToken = default)
    {
        if (_stored.ActiveRun == runId)
        {
            await WriteAsync(state => state.ActiveRun == runId ? state with { ActiveRun = null } : state);
        }
    }

    public async Task<int> NoteRecordedAsync(CancellationToken cancellationToken = default)
    {
        await WriteAsync(state => state with { HasRecorded = true });
        return _stored.Runs.Length;
    }

    public async Task<HostedFederation?> HostAsync(bool hasRatings, CancellationToken cancellationToken = default)
    {
        ModelKey.CheckFederation(Name);
        if (_stored.MayBeHosted())
        {
            await WriteAsync(async state =>
            {
                await GrainFactory.GetGrain<IFederationDirectoryGrain>(IFederationDirectoryGrain.Key).NoteRunAsync(Name, runId: "", CancellationToken.None);
                return state.MayBeHosted() ? state with { HostedRatings = hasRatings, LastActive = time.GetUtcNow() } : state;
            });
        }

        return _stored.ToSummary(Name).Hosted;
    }

    public async Task<DataSpec?> SimulateAsync(DataSpec data, CancellationToken cancellationToken = default)
    {
        ModelKey.CheckFederation(Name);
        RequestChecks.CheckSource(data, parts);
        if (_stored.HostedRatings is null)
        {
            await WriteAsync(async state =>
            {
                await GrainFactory.GetGrain<IFederationDirectoryGrain>(IFederationDirectoryGrain.Key).NoteRunAsync(Name, runId: "", CancellationToken.None);
                return state.HostedRatings is null ? state with { Simulates = data, LastActive = state.LastActive ?? time.GetUtcNow() } : state;
            });
        }

        return _stored.Simulates;
    }

    public Task<FederationSummary> GetSummaryAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult((_stored with { ActiveRun = _stored.ActiveRun ?? _starting?.RunId }).ToSummary(Name));

    public async Task<DataReportAnswer?> GetDataReportAsync(CancellationToken cancellationToken = default)
    {
        if (_stored.Runs.IsEmpty)
        {
            return null;
        }

        var run = await contexts.GetAsync(RunKey(_stored.Runs[^1]), cancellationToken);
        if (run.Simulated is not { } simulated)
        {
            return null; // nobody may see what they hold
        }

        var newest = DataReport.NewestDay(await AskAsync(null));
        return DataMessages.ToMessage(DataReport.Of(simulated.Dataset, simulated.Partition, await AskAsync(newest)), run.RunKey);

        async Task<PartySummary?[]> AskAsync(long? newestDay)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, run.Clients).Select(client =>
                GrainFactory.GetGrain<IClientGrain>(GrainKeys.Client(run.Request.Federation, client)).DescribeDataAsync(run.RunKey, newestDay, cancellationToken)));
            return Array.ConvertAll(answers, answer => answer is null ? null : DataMessages.ToCore(answer));
        }
    }

    // Null where clients keep their data themselves. One that an older program has trained was never told: it simulates what its last run did.
    private async ValueTask<DataSpec?> SimulatedAsync() => _stored switch
    {
        { HostedRatings: not null } => null,
        { Simulates: { } told } => told,
        { Runs: [.., var last] } => (await Run(last).GetStatusAsync())?.Source.Simulated ?? DataSpec.BuiltIn,
        _ => DataSpec.BuiltIn,
    };

    private async Task<RunReceipt> StartUnlessActiveAsync(BoundRun run, CancellationToken cancellationToken)
    {
        var starting = _starting = new Starting(run) { RunId = _stored.ActiveRun ?? GrainKeys.NthRun(_stored.Runs.Length + 1) };
        try
        {
            return await FindActiveAsync() is { } active
                ? await AnswerActiveAsync(active, run)
                : await StartAsync(starting, cancellationToken);
        }
        finally
        {
            _starting = null;
        }
    }

    private async Task<RunReceipt> StartAsync(Starting starting, CancellationToken cancellationToken)
    {
        var runId = starting.RunId = GrainKeys.NthRun(_stored.Runs.Length + 1);
        var request = await ForeignStart.ResolveAsync(starting.Run.Request, GrainFactory);
        var source = _stored.ToSummary(Name).Hosted is { } hosted ? starting.Run.Source with { Simulated = null, Hosted = await hostedRuns.BindAsync(request, hosted) } : starting.Run.Source;
        if (await Run(runId).CheckAsync(request, source, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await WriteAsync(async state =>
        {
            if ((state.HostedRatings is null) != (source.Hosted is null))
            {
                throw new ArgumentException($"Clients of {Name} have begun to keep their data themselves while the run was about to start on loaded data; start it again.");
            }

            await Run(runId).StartAsync(request, source with { RecordedHistory = state.HasRecorded }, CancellationToken.None);
            await GrainFactory.GetGrain<IFederationDirectoryGrain>(IFederationDirectoryGrain.Key).NoteRunAsync(Name, runId, CancellationToken.None);
            return state with
            {
                Runs = state.Runs.Add(runId),
                ActiveRun = runId,
                LastActive = time.GetUtcNow(),
            };
        });
        await Run(runId).ResumeAsync(CancellationToken.None);
        return new RunReceipt(RunOutcome.Started, runId, $"Run {runId} of federation {Name} has started.");
    }

    private async Task<RunStatus?> FindActiveAsync()
    {
        if (_stored.ActiveRun is not { } runId)
        {
            return null;
        }

        var status = await Run(runId).GetStatusAsync();
        if (status is null) // the store has lost it, or an older version never wrote it
        {
            var hasVersions = (await GrainFactory.GetGrain<IModelGrain>(Name).GetSummaryAsync()).Versions.Any(version => version.RunId == runId); // then its id stays taken
            await WriteAsync(state => state with { Runs = hasVersions ? state.Runs : state.Runs.Remove(runId), ActiveRun = null });
        }

        return status is { Phase: RunPhase.Pending or RunPhase.Running } ? status : null;
    }

    private async Task<RunReceipt> AnswerActiveAsync(RunStatus active, BoundRun run)
    {
        if (RunRequests.IsSame(new(active.Request, active.Source), run, parts))
        {
            await Run(active.RunId).ResumeAsync();
            return new RunReceipt(RunOutcome.Resumed, active.RunId, $"Run {active.RunId} with the same settings is at round {active.RoundsDone} of {active.Request.Rounds.Count}; it goes on.");
        }

        return new RunReceipt(
            RunOutcome.Busy, active.RunId,
            $"Federation {Name} is training run {active.RunId} (round {active.RoundsDone} of {active.Request.Rounds.Count}). Wait for it, stop it, or use another federation name.");
    }

    private string RunKey(string runId) => GrainKeys.Run(Name, runId);

    private IRunGrain Run(string runId) => GrainFactory.GetGrain<IRunGrain>(RunKey(runId));

    private Task WriteAsync(Func<FederationState, FederationState> change) => WriteAsync(state => Task.FromResult(change(state)));

    private async Task WriteAsync(Func<FederationState, Task<FederationState>> change)
    {
        await _writing.WaitAsync(CancellationToken.None);
        try
        {
            var next = await change(_stored);
            if (next != _stored)
            {
                saved.State = next;
                await saved.WriteOrDeactivateAsync(this);
                _stored = next;
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>A start that is under way.</summary>
    private sealed class Starting(BoundRun run)
    {
        public BoundRun Run => run;

        /// <summary>The run that is to be; the active one until it is known that it has ended.</summary>
        public required string RunId { get; set; }

        /// <summary>What another request to start gets meanwhile.</summary>
        public RunReceipt Answer(string federation, BoundRun other, FederationParts parts) => RunRequests.IsSame(run, other, parts)
            ? new RunReceipt(RunOutcome.Resumed, RunId, $"Run {RunId} with the same settings is about to start; its data is being read.")
            : new RunReceipt(
                RunOutcome.Busy, RunId, $"Federation {federation} is about to start run {RunId}, whose data is being read. Wait for it, stop it, or use another federation name.");
    }
}

/// <summary>A federation's runs.</summary>
[GenerateSerializer, Alias("fedrec.state.federation")]
internal sealed record FederationState
{
    /// <summary>Ids of its runs, oldest first.</summary>
    [Id(0)] public ImmutableArray<string> Runs { get; init; } = [];

    /// <summary>The run in progress.</summary>
    [Id(1)] public string? ActiveRun { get; init; }

    /// <summary>When a run was last started.</summary>
    [Id(2)] public DateTimeOffset? LastActive { get; init; }

    /// <summary>Whether any client remembers changes of its users' histories.</summary>
    [Id(3)] public bool HasRecorded { get; init; }

    /// <summary>Whether interactions carry ratings, of a federation whose clients keep their data themselves; null for all others.</summary>
    [Id(4)] public bool? HostedRatings { get; init; }

    /// <summary>What it simulates; null before it was told, and for runs of older programs.</summary>
    [Id(5)] public DataSpec? Simulates { get; init; }

    /// <summary>Whether its clients may still become such that keep their data themselves.</summary>
    public bool MayBeHosted() => HostedRatings is null && Runs.IsEmpty && Simulates is null;

    public FederationSummary ToSummary(string name) => new(name, Runs, ActiveRun, LastActive, HasRecorded)
    {
        Hosted = HostedRatings is { } hasRatings ? new HostedFederation(hasRatings, Runs.Length) : null,
        Simulates = Simulates,
    };
}

/// <summary>All federations of the cluster.</summary>
[GenerateSerializer, Alias("fedrec.state.federation-directory")]
internal sealed record FederationDirectoryState
{
    /// <summary>Names, most recently active first.</summary>
    [Id(0)] public ImmutableArray<string> Names { get; init; } = [];
}
