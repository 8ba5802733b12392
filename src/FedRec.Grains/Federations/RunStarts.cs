using FedRec.Contracts.Federations;
using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;
using FedRec.Core.Federation;
using FedRec.Grains.Models;
using FedRec.Grains.Parties;
using FedRec.Grains.Requests;

namespace FedRec.Grains.Federations;

/// <summary>Starts the runs of a federation, of which one is active at a time.</summary>
/// <remarks>A start takes as long as its data is being read, and at most one is under way: it is noted before its first await. It writes the run, then the directory,
/// then the list of runs. The last write is the start: when an earlier one fails or a crash comes between, there is no run, and the next start takes the same id.</remarks>
internal sealed class RunStarts(string name, FederationWrites state, IGrainFactory grains, HostedRuns hostedRuns, FederationParts parts, TimeProvider time)
{
    private Starting? _starting;

    /// <summary>The run that is about to start; null when none is.</summary>
    public string? UnderWay => _starting?.RunId;

    /// <summary>Starts a run, or says why not.</summary>
    /// <exception cref="ArgumentException">The request cannot be; the message says why.</exception>
    public async Task<RunReceipt> StartAsync(RunRequest request, CancellationToken cancellationToken)
    {
        if (request.LegacyData is not null)
        {
            throw new ArgumentException("The request names data, as programs of before did; a run is about what its federation simulates. Tell the federation first " +
                $"(PUT /federations/{request.Federation}/simulation, or IFederationGrain.SimulateAsync), then start the run without data.");
        }

        var run = RequestChecks.Checked(request, await SimulatedAsync(), parts);
        return _starting is { } other ? other.Answer(name, run, parts) : await StartUnlessActiveAsync(run, cancellationToken);
    }

    // Null where clients keep their data themselves. One that an older program has trained was never told: it simulates what its last run did.
    private async ValueTask<DataSpec?> SimulatedAsync() => state.Stored switch
    {
        { HostedRatings: not null } => null,
        { Simulates: { } told } => told,
        { Runs: [.., var last] } => (await Run(last).GetStatusAsync())?.Source.Simulated ?? DataSpec.BuiltIn,
        _ => DataSpec.BuiltIn,
    };

    private async Task<RunReceipt> StartUnlessActiveAsync(BoundRun run, CancellationToken cancellationToken)
    {
        var starting = _starting = new Starting(run) { RunId = state.Stored.ActiveRun ?? GrainKeys.NthRun(state.Stored.Runs.Length + 1) };
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
        var runId = starting.RunId = GrainKeys.NthRun(state.Stored.Runs.Length + 1);
        var request = await ForeignStart.ResolveAsync(starting.Run.Request, grains);
        var source = state.Stored.ToSummary(name).Hosted is { } hosted ? starting.Run.Source with { Simulated = null, Hosted = await hostedRuns.BindAsync(request, hosted) } : starting.Run.Source;
        if (await Run(runId).CheckAsync(request, source, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await state.WriteAsync(async stored =>
        {
            if ((stored.HostedRatings is null) != (source.Hosted is null))
            {
                throw new ArgumentException($"Clients of {name} have begun to keep their data themselves while the run was about to start on loaded data; start it again.");
            }

            await Run(runId).StartAsync(request, source with { RecordedHistory = stored.HasRecorded }, CancellationToken.None);
            await grains.GetGrain<IFederationDirectoryGrain>(IFederationDirectoryGrain.Key).NoteRunAsync(name, runId, CancellationToken.None);
            return stored with
            {
                Runs = stored.Runs.Add(runId),
                ActiveRun = runId,
                LastActive = time.GetUtcNow(),
            };
        });
        await Run(runId).ResumeAsync(CancellationToken.None);
        return new RunReceipt(RunOutcome.Started, runId, $"Run {runId} of federation {name} has started.");
    }

    private async Task<RunStatus?> FindActiveAsync()
    {
        if (state.Stored.ActiveRun is not { } runId)
        {
            return null;
        }

        var status = await Run(runId).GetStatusAsync();
        if (status is null) // the store has lost it, or an older version never wrote it
        {
            var hasVersions = (await grains.GetGrain<IModelGrain>(name).GetSummaryAsync()).Versions.Any(version => version.RunId == runId); // then its id stays taken
            await state.WriteAsync(stored => stored with { Runs = hasVersions ? stored.Runs : stored.Runs.Remove(runId), ActiveRun = null });
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
            $"Federation {name} is training run {active.RunId} (round {active.RoundsDone} of {active.Request.Rounds.Count}). Wait for it, stop it, or use another federation name.");
    }

    private IRunGrain Run(string runId) => grains.GetGrain<IRunGrain>(GrainKeys.Run(name, runId));

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
