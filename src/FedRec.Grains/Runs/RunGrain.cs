using FedRec.Contracts.Federations;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;
using FedRec.Grains.Requests;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace FedRec.Grains.Runs;

/// <summary>Keeps one run: starts its driver, remembers where it stands, tells its watchers.</summary>
/// <remarks>The driver works beside the grain's calls, in no timer: Orleans ends an activation only after a timer's callback, which it does not tell. As when the silo is
/// lost that had this activation in its directory: clients that ask the run would wait for the driver, and the driver for them. A reminder starts it again when the
/// activation was lost, until the run has ended and its checkpoints are gone.
/// A run that is stored, but not listed by its federation, is left of a start that was cut off: it is none, and the next start replaces it.</remarks>
internal sealed partial class RunGrain(
    [PersistentState("run", GrainsSetup.StorageName)] IPersistentState<RunState> saved,
    [FromKeyedServices(GrainsSetup.StorageName)] IGrainStorage storage,
    RunServices services,
    ILogger<RunGrain> log) : Grain, IRunGrain, IRemindable, IDisposable
{
    private const string WatchdogName = "watchdog";
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(2); // an activation ends only after its last call
    private readonly CancellationTokenSource _deactivating = new();
    private RunEventLog _events = new(services.Time);
    private RunCheck? _check;
    private RunJournal? _journal;
    private RunAttempts? _attempts;
    private Task? _drive;
    private Task _written = Task.CompletedTask;

    private string RunKey => this.GetPrimaryKeyString();

    private IFederationGrain Federation => GrainFactory.GetGrain<IFederationGrain>(GrainKeys.Federation(RunKey));

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (await IsListedAsync() && services.Resumption.Allows(RunKey))
        {
            Drive(); // whoever asks for the run wakes it
        }
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _deactivating.CancelAsync();
        if (_drive is { } drive)
        {
            await drive.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext); // its failure is logged
        }
    }

    public void Dispose() => _deactivating.Dispose();

    public async Task<RunReceipt?> CheckAsync(RunRequest request, RunSource source, CancellationToken cancellationToken = default)
    {
        if (await IsListedAsync())
        {
            return new RunReceipt(RunOutcome.Busy, GrainKeys.RunId(RunKey), $"Run {RunKey} has started already.");
        }

        _check?.Stop(); // of a start whose federation was lost
        var check = _check = new RunCheck(RunKey, request, source, services, GrainFactory, _events);
        var canStart = false;
        try
        {
            var refusal = await check.RunAsync(cancellationToken);
            canStart = refusal is null;
            return refusal;
        }
        finally
        {
            if (!canStart && _check == check)
            {
                (_check, _events) = (null, new RunEventLog(services.Time)); // a refused request leaves no trace
            }
        }
    }

    public async Task StartAsync(RunRequest request, RunSource source, CancellationToken cancellationToken = default)
    {
        if (await IsListedAsync())
        {
            if (RunRequests.Hash(_journal!.Status.Request, _journal.Status.Source) != RunRequests.Hash(request, source))
            {
                throw new ArgumentException($"Run {RunKey} was started with other settings or about something else.", nameof(request));
            }

            return;
        }

        _check ??= new RunCheck(RunKey, request, source, services, GrainFactory, _events); // the activation that checked it is gone
        var status = await _check.StatusAsync(request, source);
        await WriteAsync(state => state with { Status = status });
    }

    public async Task ResumeAsync(CancellationToken cancellationToken = default)
    {
        if (!await IsListedAsync())
        {
            return;
        }

        if (_journal!.Settled && _drive is null)
        {
            await EndAsync(); // whoever takes it for unfinished has not heard of its end
            return;
        }

        services.Resumption.Ask(RunKey);
        Drive();
        await this.RegisterOrUpdateReminder(WatchdogName, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), CancellationToken.None);
    }

    public Task ReceiveReminder(string reminderName, TickStatus status) => services.Resumption.Allows(RunKey) ? ResumeAsync() : Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        _check?.Stop();
        if (_journal is { Ended: false })
        {
            await WriteAsync(state => state with { StopRequested = true });
        }
    }

    public async Task<RunStatus?> GetStatusAsync(CancellationToken cancellationToken = default) => await IsListedAsync() ? _journal!.Status : _check?.Status;

    public async Task<RunEvents> ReadEventsAsync(long after, TimeSpan wait, CancellationToken cancellationToken = default)
    {
        var log = _events;
        var events = await log.ReadAsync(after, wait < s_longestWait ? wait : s_longestWait, HasEnded(log), cancellationToken);
        return new RunEvents(events, HasEnded(log));
    }

    public Task NoteRefusalAsync(int round, string party, string reason)
    {
        if (_journal is { Ended: false })
        {
            _events.Add(new RunEvent { Kind = "party.refused", Round = round, Text = $"{party} refused: {reason}" });
        }

        return Task.CompletedTask;
    }

    public Task<ParameterSlice?> ReadParametersAsync(int round, int offset, int count, CancellationToken cancellationToken = default) => Task.FromResult(_attempts?.Offered?.Read(round, offset, count));

    public Task<ParameterChange?> ReadChangeAsync(ParameterRequest request, CancellationToken cancellationToken = default) => _attempts?.Offered?.ReadChangeAsync(request) ?? Task.FromResult<ParameterChange?>(null);

    public Task<bool> HasCountedAsync(int client, int round, int earlier, CancellationToken cancellationToken = default) =>
        Task.FromResult(_journal?.HasCounted(client, round, earlier) ?? throw new ArgumentException($"There is no run {RunKey}.", nameof(round)));

    // Whether this is a run, and no rest of a start that was cut off; asked until it is one, since its federation lists it last.
    private async Task<bool> IsListedAsync()
    {
        if (_journal is null && saved.State.Status is { } status
            && (status.Phase != RunPhase.Pending || (await Federation.GetSummaryAsync()).Runs.Contains(status.RunId)))
        {
            var records = new RunLog(name => new LazyState<RunLogSegment>(name, this, storage));
            await records.ReadAsync(saved.State);
            if (_journal is null)
            {
                _journal = new RunJournal(saved.State, records, _events, next => WriteAsync(present => next with { StopRequested = present.StopRequested }));
                if (_journal.Lament() is { } lost)
                {
                    LogLost(RunKey, lost);
                }
            }

            _check = null;
        }

        return _journal is not null;
    }

    // No more events follow; those of a start that was refused stand in a log that is no longer this run's.
    private bool HasEnded(RunEventLog log) => log != _events || (_journal is null ? _check is null : _journal.Ended);

    private void Drive()
    {
        if (_journal is { Settled: false } && _drive is null)
        {
            DelayDeactivation(Timeout.InfiniteTimeSpan);
            using (ExecutionContext.SuppressFlow()) // it has nothing to do with the call that began it
            {
                _drive = Task.Factory.StartNew(DriveAsync, CancellationToken.None, TaskCreationOptions.None, TaskScheduler.Current).Unwrap();
            }
        }
    }

    private async Task DriveAsync()
    {
        _attempts = new RunAttempts(RunKey, _journal!, services, GrainFactory, () => saved.State.StopRequested, log);
        try
        {
            if (await _attempts.DriveAsync(_deactivating.Token))
            {
                await EndDriveAsync();
            }
            else
            {
                Leave();
            }
        }
        catch (Exception exception)
        {
            LogEndFailed(RunKey, exception);
            if (FullStore.CauseOf(exception) is { } full)
            {
                _events.Fail(full); // not even its end could be stored
            }
        }
    }

    // The next activation drives the run: the reminder wakes it, or whoever asks for it, or this silo as soon as the store answers.
    private void Leave()
    {
        _drive = null;
        DeactivateOnIdle();
        ServiceProvider.GetService<UnfinishedRuns>()?.ResumeAsync().Ignore();
    }

    private async Task EndDriveAsync()
    {
        try
        {
            await EndAsync();
        }
        finally
        {
            _drive = null; // the reminder, which is the last to go, tries it again
            DelayDeactivation(TimeSpan.Zero);
        }
    }

    private async Task EndAsync()
    {
        _attempts = null;
        await services.Silos.ReleaseAsync(RunKey);
        await services.Checkpoints.DeleteAllAsync(GrainKeys.Federation(RunKey), GrainKeys.RunId(RunKey));
        _journal!.DropCheckpoints();
        await _journal.SaveAsync();
        await Federation.RunEndedAsync(GrainKeys.RunId(RunKey));
        if (await this.GetReminder(WatchdogName) is { } watchdog)
        {
            await this.UnregisterReminder(watchdog);
        }
    }

    // One write after the other: the driver and a request to stop may come at once.
    private Task WriteAsync(Func<RunState, RunState> change) => _written = WriteAfterAsync(_written, change);

    private async Task WriteAfterAsync(Task earlier, Func<RunState, RunState> change)
    {
        await earlier.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        saved.State = change(saved.State);
        await saved.WriteOrDeactivateAsync(this);
    }

    [LoggerMessage(LogLevel.Error, "The end of run {Run} could not be stored; its reminder tries it again")]
    private partial void LogEndFailed(string run, Exception exception);

    [LoggerMessage(LogLevel.Error, "Run {Run}: {What}")]
    private partial void LogLost(string run, string what);
}
