using FedRec.Contracts.Federations;
using FedRec.Contracts.Runs;

namespace FedRec.Integration.Tests.Web.Doubles;

/// <summary>One federation: its runs, versions and recommendations.</summary>
internal sealed class FakeFederation
{
    public FakeFederation(string name)
    {
        Name = name;
        Model = new FakeModel(name);
        Recommender = new FakeRecommender(this);
        Grain = new FederationGrain(this);
    }

    public string Name { get; }

    /// <summary>When a run was last started, unless one is here; null for a federation that nobody knows.</summary>
    public DateTimeOffset? LastActive { get; init; }

    /// <summary>Oldest first.</summary>
    public List<FakeRun> Runs { get; } = [];

    public FakeModel Model { get; }

    public FakeRecommender Recommender { get; }

    public FakeHistory History { get; } = new();

    public FakeEvaluation Evaluation { get; } = new();

    public IFederationGrain Grain { get; }

    /// <summary>The answer to the next start.</summary>
    public RunReceipt Receipt { get; set; } = new(RunOutcome.Started, "run-1", "Started.");

    /// <summary>What the parties say of their data; null for a federation without a run.</summary>
    public DataReportAnswer? DataReport { get; set; }

    /// <summary>The last request to start.</summary>
    public RunRequest? Requested { get; private set; }

    /// <summary>Adds a run that is in progress.</summary>
    public FakeRun AddRun(string id, Func<RunStatus, RunStatus>? change = null)
    {
        var request = new RunRequest { Federation = Name, Learner = "mf", Rounds = new RoundSettings { Count = 10 } };
        var status = new RunStatus
        {
            RunId = id,
            Request = request,
            Phase = RunPhase.Running,
            StartedAt = new DateTimeOffset(2026, 3, 14, 9, 26, 53, TimeSpan.Zero),
        };
        var run = new FakeRun { Status = change?.Invoke(status) ?? status };
        Runs.Add(run);
        return run;
    }

    private sealed class FederationGrain(FakeFederation federation) : IFederationGrain
    {
        public Task<RunReceipt> StartRunAsync(RunRequest request, CancellationToken cancellationToken)
        {
            federation.Requested = request;
            return Task.FromResult(federation.Receipt);
        }

        public Task RunEndedAsync(string runId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<int> NoteRecordedAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<HostedFederation?> HostAsync(bool hasRatings, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<DataSpec?> SimulateAsync(DataSpec data, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<DataReportAnswer?> GetDataReportAsync(CancellationToken cancellationToken) => Task.FromResult(federation.DataReport);

        public Task<FederationSummary> GetSummaryAsync(CancellationToken cancellationToken)
        {
            var active = federation.Runs.Find(r => r.Status is { Phase: RunPhase.Loading or RunPhase.Pending or RunPhase.Running });
            var listed = federation.Runs.Where(r => r.Status is not { Phase: RunPhase.Loading }).Select(r => r.Id);
            return Task.FromResult(new FederationSummary(
                federation.Name, [.. listed], active?.Id, federation.Runs.LastOrDefault()?.Status?.StartedAt ?? federation.LastActive));
        }
    }
}
