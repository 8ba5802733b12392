using System.Runtime.InteropServices;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Runs;
using FedRec.Grains.Training;

namespace FedRec.Grains.Runs;

/// <summary>Keeps one run: starts its driver, remembers where it stands, tells its watchers.</summary>
/// <remarks>The driver works in a grain timer beside the grain's calls. A reminder starts it again when the activation was lost.</remarks>
internal sealed class RunGrain(
    [PersistentState("run", GrainsSetup.StorageName)] IPersistentState<RunState> saved,
    RunServices services,
    ILogger<RunGrain> log) : Grain, IRunGrain, IRemindable
{
    private const string WatchdogName = "watchdog";
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(20);
    private readonly RunEventLog _events = new(services.Time);
    private RunJournal? _journal;
    private RunAttempts? _attempts;
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
        if (_attempts?.ParametersAfter(round) is not { } parameters)
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
        _attempts = new RunAttempts(RunKey, _journal!, services, GrainFactory, () => saved.State.StopRequested, log);
        if (await _attempts.DriveAsync(deactivating))
        {
            await EndAsync();
        }
    }

    private async Task EndAsync()
    {
        _attempts = null;
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
}
