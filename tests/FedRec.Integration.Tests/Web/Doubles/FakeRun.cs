using System.Collections.Concurrent;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;

namespace FedRec.Integration.Tests.Web.Doubles;

/// <summary>One run whose events a test publishes one by one; a run without a status does not exist.</summary>
internal sealed class FakeRun
{
    private readonly Lock _gate = new();
    private readonly List<RunEvent> _events = [];
    private TaskCompletionSource _news = NewSignal();

    public FakeRun() => Grain = new RunGrain(this);

    public string Id => Status?.RunId ?? "";

    public RunStatus? Status { get; set; }

    public IRunGrain Grain { get; }

    public bool StopAsked { get; private set; }

    public bool ResumeAsked { get; private set; }

    /// <summary>Waits that readers have asked for; one is added with every read.</summary>
    public ConcurrentQueue<(long After, TimeSpan Wait)> Reads { get; } = [];

    public void Start() => Publish(new RunEvent { Kind = "run.started" });

    public void Progress(RoundRecord record) =>
        Publish(new RunEvent { Kind = record.Phase == "Planned" ? "round.started" : "round.progress", Round = record.Round, Record = record });

    public void Close(RoundRecord record)
    {
        Status = Status! with { Rounds = Status.Rounds.Add(record), RoundsDone = Status.RoundsDone + 1 };
        Publish(new RunEvent { Kind = "round.done", Round = record.Round, Record = record });
    }

    public void Evaluate(EvaluationRecord evaluation)
    {
        Status = Status! with { Evaluations = Status.Evaluations.Add(evaluation) };
        Publish(new RunEvent { Kind = "eval", Round = evaluation.Round, Evaluation = evaluation });
    }

    public void PublishVersion(long version)
    {
        Status = Status! with { Version = version };
        Publish(new RunEvent { Kind = "model", Version = version });
    }

    public void End(RunPhase phase, string reason)
    {
        Status = Status! with { Phase = phase, Reason = reason, EndedAt = Status.StartedAt.AddMinutes(2) };
        Publish(new RunEvent { Kind = "run.done", Text = $"{phase}: {reason}" });
    }

    /// <summary>Counts from 1 again, as a run grain that was activated anew.</summary>
    public void ForgetEvents()
    {
        lock (_gate)
        {
            _events.Clear();
        }
    }

    private void Publish(RunEvent e)
    {
        lock (_gate)
        {
            _events.Add(e with { Id = _events.Count + 1, At = Status!.StartedAt.AddSeconds(_events.Count) });
            _news.SetResult();
            _news = NewSignal();
        }
    }

    private (RunEvents Page, Task News) Read(long after)
    {
        lock (_gate)
        {
            var ended = Status is not { Phase: RunPhase.Pending or RunPhase.Running };
            var from = after > _events.Count ? 0 : after; // a reader from before a restart starts over
            return (new RunEvents([.. _events.Where(e => e.Id > from)], ended), _news.Task);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class RunGrain(FakeRun run) : IRunGrain
    {
        public Task<RunStatus?> GetStatusAsync(CancellationToken cancellationToken) => Task.FromResult(run.Status);

        public Task StopAsync(CancellationToken cancellationToken)
        {
            run.StopAsked = true;
            return Task.CompletedTask;
        }

        public async Task<RunEvents> ReadEventsAsync(long after, TimeSpan wait, CancellationToken cancellationToken)
        {
            run.Reads.Enqueue((after, wait));
            var (page, news) = run.Read(after);
            if (!page.Events.IsEmpty || page.Ended || wait == TimeSpan.Zero)
            {
                return page;
            }

            await Task.WhenAny(news, Task.Delay(wait, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            return run.Read(after).Page;
        }

        public Task NoteRefusalAsync(int round, string party, string reason) => throw new NotSupportedException();

        public Task<RunReceipt?> CheckAsync(RunRequest request, RunSource source, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task StartAsync(RunRequest request, RunSource source, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task ResumeAsync(CancellationToken cancellationToken)
        {
            run.ResumeAsked = true;
            return Task.CompletedTask;
        }

        public Task<ParameterSlice?> ReadParametersAsync(int round, int offset, int count, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<ParameterChange?> ReadChangeAsync(ParameterRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> HasCountedAsync(int client, int round, int earlier, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
