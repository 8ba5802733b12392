using System.Runtime.InteropServices;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Runs;
using FedRec.Grains.Training;

namespace FedRec.Grains.Runs;

/// <summary>Keeps one run: starts its driver, remembers where it stands, tells its watchers.</summary>
/// <remarks>The driver works in a grain timer beside the grain's calls. A reminder starts it again when the activation was lost.</remarks>
internal sealed partial class RunGrain(
    [PersistentState("run", GrainsSetup.StorageName)] IPersistentState<RunState> saved,
    RunServices services,
    ILogger<RunGrain> log) : Grain, IRunGrain, IRemindable
{
    private const string WatchdogName = "watchdog";
    private const int MaxAttempts = 5;
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(20);
    private readonly RunEventLog _events = new(services.Time);
    private RunJournal? _journal;
    private RunDriver? _driver;
    private IGrainTimer? _timer;

    private string RunKey => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (saved.State.Status is { } status)
        {
            _journal = new RunJournal(status, _events, SaveAsync);
            Drive(); // whoever asks for the run wakes it
        }

        return Task.CompletedTask;
    }

    public async Task StartAsync(RunRequest request, CancellationToken cancellationToken = default)
    {
        if (saved.State.Status is { } status)
        {
            if (RunRequests.Hash(status.Request) != RunRequests.Hash(request))
            {
                throw new ArgumentException($"Run {RunKey} was started with other settings.", nameof(request));
            }
        }
        else
        {
            var run = await services.Contexts.PrepareAsync(RunKey, request);
            _journal = new RunJournal(ToStatus(run), _events, SaveAsync);
            await _journal.SaveAsync();
        }

        await ResumeAsync(cancellationToken);
    }

    public async Task ResumeAsync(CancellationToken cancellationToken = default)
    {
        if (_journal is { Ended: false })
        {
            Drive();
            await this.RegisterOrUpdateReminder(WatchdogName, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), CancellationToken.None);
        }
    }

    public Task ReceiveReminder(string reminderName, TickStatus status) => ResumeAsync();

    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (_journal is { Ended: false })
        {
            saved.State = saved.State with { StopRequested = true };
            await saved.WriteOrDeactivateAsync(this);
        }
    }

    public Task<RunStatus?> GetStatusAsync(CancellationToken cancellationToken = default) => Task.FromResult(_journal?.Status);

    public async Task<RunEvents> ReadEventsAsync(long after, TimeSpan wait, CancellationToken cancellationToken = default)
    {
        var ended = _journal is null or { Ended: true };
        var events = await _events.ReadAsync(after, wait < s_longestWait ? wait : s_longestWait, ended, cancellationToken);
        return new RunEvents(events, _journal is null or { Ended: true });
    }

    public Task<ParameterSlice?> ReadParametersAsync(int round, int offset, int count, CancellationToken cancellationToken = default)
    {
        if (_driver?.ParametersAfter(round) is not { } parameters)
        {
            return Task.FromResult<ParameterSlice?>(null);
        }

        var bytes = MemoryMarshal.AsBytes(parameters.Span);
        var slice = bytes.Slice(offset, Math.Min(count, bytes.Length - offset)).ToArray();
        return Task.FromResult<ParameterSlice?>(new ParameterSlice(bytes.Length, slice));
    }

    private void Drive()
    {
        if (_journal is { Ended: false } && _timer is null)
        {
            _timer = this.RegisterGrainTimer(DriveAsync, new GrainTimerCreationOptions(TimeSpan.Zero, Timeout.InfiniteTimeSpan) { Interleave = true, KeepAlive = true });
        }
    }

    private async Task DriveAsync(CancellationToken deactivating)
    {
        // A silo that stops first refuses calls and only then cancels its timers: both mean that the run goes on elsewhere, or later.
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(deactivating, services.Lifetime.ApplicationStopping);
        for (var attempt = 1; !_journal!.Ended; attempt++)
        {
            try
            {
                await DriveOnceAsync(stopping.Token);
            }
            catch (Exception exception) when (stopping.IsCancellationRequested)
            {
                LogDriverStopped(RunKey, exception);
                return;
            }
            catch (Exception exception) when (IsTransient(exception) && attempt < MaxAttempts)
            {
                LogDriverInterrupted(RunKey, attempt, exception);
                await Task.Delay(TimeSpan.FromSeconds(attempt), services.Time, stopping.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            }
            catch (Exception exception)
            {
                LogDriverFailed(RunKey, exception);
                _journal.End(new RunEnding(RunPhase.Failed, RunStopReason.Error, exception.Message), services.Time.GetUtcNow());
                await _journal.SaveAsync();
            }
        }

        await EndAsync();
    }

    private async Task DriveOnceAsync(CancellationToken stopping)
    {
        var run = await services.Contexts.GetAsync(RunKey, CancellationToken.None);
        _driver = new RunDriver(run, _journal!, services, GrainFactory, () => saved.State.StopRequested);
        await _driver.DriveAsync(stopping);
    }

    // Wrong data and corrupt models stay wrong; storage and network may come back.
    private static bool IsTransient(Exception exception) => exception is not (ArgumentException or InvalidDataException);

    private async Task EndAsync()
    {
        _driver = null;
        _timer?.Dispose();
        _timer = null;
        await GrainFactory.GetGrain<IFederationGrain>(GrainKeys.Federation(RunKey)).RunEndedAsync(GrainKeys.RunId(RunKey));
        if (await this.GetReminder(WatchdogName) is { } watchdog)
        {
            await this.UnregisterReminder(watchdog);
        }
    }

    private RunStatus ToStatus(RunContext run) => new()
    {
        RunId = GrainKeys.RunId(RunKey),
        Request = run.Request,
        Clients = run.Partition.Count,
        Users = run.Dataset.Users.Count,
        Items = run.Dataset.Items.Count,
        Interactions = run.Dataset.Train.Count + run.Dataset.Validation.Count + run.Dataset.Test.Count,
        Protocol = run.Dataset.Protocol,
        StartedAt = services.Time.GetUtcNow(),
    };

    private Task SaveAsync(RunStatus status)
    {
        saved.State = saved.State with { Status = status };
        return saved.WriteOrDeactivateAsync(this);
    }

    [LoggerMessage(LogLevel.Warning, "Run {Run} was interrupted (attempt {Attempt}); it goes on from its last published version")]
    private partial void LogDriverInterrupted(string run, int attempt, Exception exception);

    [LoggerMessage(LogLevel.Debug, "Run {Run} pauses: its silo or its activation stops")]
    private partial void LogDriverStopped(string run, Exception exception);

    [LoggerMessage(LogLevel.Error, "Run {Run} has failed")]
    private partial void LogDriverFailed(string run, Exception exception);
}
