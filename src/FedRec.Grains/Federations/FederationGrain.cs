using FedRec.Contracts.Clients;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Runs;
using FedRec.Core.Data.Reports;
using FedRec.Core.Snapshots;
using FedRec.Grains.Models;
using FedRec.Grains.Runs;
using FedRec.Grains.Training;

namespace FedRec.Grains.Federations;

/// <summary>Lets one run of a federation be active at a time.</summary>
internal sealed class FederationGrain(
    [PersistentState("federation", GrainsSetup.StorageName)] IPersistentState<FederationState> saved,
    RunContexts contexts,
    TimeProvider time) : Grain, IFederationGrain
{
    public async Task<RunReceipt> StartRunAsync(RunRequest request, CancellationToken cancellationToken = default)
    {
        if (await FindActiveAsync() is { } active)
        {
            return await AnswerActiveAsync(active, request);
        }

        var runId = GrainKeys.NthRun(saved.State.Runs.Length + 1);
        request = request with { RecordedHistory = saved.State.HasRecorded };
        try
        {
            ModelKey.CheckFederation(request.Federation);
            request = await ForeignStart.ResolveAsync(request, GrainFactory);
            var run = await contexts.PrepareAsync(RunKey(runId), request);
            await WarmStart.CheckAsync(run, GrainFactory);
            if (run.Request.WarmStartFrom is { } from)
            {
                await ForeignStart.PlanAsync(run, from, contexts, GrainFactory);
            }

            request = run.Request;
        }
        catch (ArgumentException exception)
        {
            return new RunReceipt(RunOutcome.Invalid, "", WithoutParameter(exception), exception is DataNotUsableException data ? data.Place ?? "" : null);
        }

        saved.State = saved.State with { Runs = saved.State.Runs.Add(runId), ActiveRun = runId, LastActive = time.GetUtcNow() };
        await WriteAsync();
        await GrainFactory.GetGrain<IFederationDirectoryGrain>(IFederationDirectoryGrain.Key).NoteRunAsync(this.GetPrimaryKeyString(), runId, CancellationToken.None);
        await Run(runId).StartAsync(request, CancellationToken.None);
        return new RunReceipt(RunOutcome.Started, runId, $"Run {runId} of federation {this.GetPrimaryKeyString()} has started.");
    }

    public async Task RunEndedAsync(string runId, CancellationToken cancellationToken = default)
    {
        if (saved.State.ActiveRun == runId)
        {
            saved.State = saved.State with { ActiveRun = null };
            await WriteAsync();
        }
    }

    public async Task<int> NoteRecordedAsync(CancellationToken cancellationToken = default)
    {
        if (!saved.State.HasRecorded)
        {
            saved.State = saved.State with { HasRecorded = true };
            await WriteAsync();
        }

        return saved.State.Runs.Length;
    }

    public Task<FederationSummary> GetSummaryAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult(new FederationSummary(this.GetPrimaryKeyString(), saved.State.Runs, saved.State.ActiveRun, saved.State.LastActive, saved.State.HasRecorded));

    public async Task<DataReportAnswer?> GetDataReportAsync(CancellationToken cancellationToken = default)
    {
        if (saved.State.Runs.IsEmpty)
        {
            return null;
        }

        var run = await contexts.GetAsync(RunKey(saved.State.Runs[^1]), cancellationToken);
        var newest = DataReport.NewestDay(await AskAsync(null));
        return DataMessages.ToMessage(DataReport.Of(run.Dataset, run.Partition, await AskAsync(newest)), run.RunKey);

        async Task<PartySummary?[]> AskAsync(long? newestDay)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, run.Partition.Count).Select(client =>
                GrainFactory.GetGrain<IClientGrain>(GrainKeys.Client(run.Request.Federation, client)).DescribeDataAsync(run.RunKey, newestDay, cancellationToken)));
            return Array.ConvertAll(answers, answer => answer is null ? null : DataMessages.ToCore(answer));
        }
    }

    private async Task<RunStatus?> FindActiveAsync()
    {
        if (saved.State.ActiveRun is not { } runId)
        {
            return null;
        }

        var status = await Run(runId).GetStatusAsync();
        return status is { Phase: RunPhase.Pending or RunPhase.Running } ? status : null;
    }

    private async Task<RunReceipt> AnswerActiveAsync(RunStatus active, RunRequest request)
    {
        if (RunRequests.Hash(active.Request) == RunRequests.Hash(RunRequests.WithDefaults(request) with { RecordedHistory = active.Request.RecordedHistory }))
        {
            await Run(active.RunId).ResumeAsync();
            return new RunReceipt(RunOutcome.Resumed, active.RunId, $"Run {active.RunId} with the same settings is at round {active.RoundsDone} of {active.Request.Rounds.Count}; it goes on.");
        }

        return new RunReceipt(
            RunOutcome.Busy, active.RunId,
            $"Federation {this.GetPrimaryKeyString()} is training run {active.RunId} (round {active.RoundsDone} of {active.Request.Rounds.Count}). Wait for it, stop it, or use another federation name.");
    }

    // For people: what is wrong, without the name of the parameter that .NET adds.
    private static string WithoutParameter(ArgumentException exception) =>
        exception.ParamName is { } name ? exception.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : exception.Message;

    private string RunKey(string runId) => GrainKeys.Run(this.GetPrimaryKeyString(), runId);

    private IRunGrain Run(string runId) => GrainFactory.GetGrain<IRunGrain>(RunKey(runId));

    private Task WriteAsync() => saved.WriteOrDeactivateAsync(this);
}
