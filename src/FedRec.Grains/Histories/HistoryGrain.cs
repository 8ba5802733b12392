using FedRec.Contracts.Clients;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Grains.Training;
using Orleans.Concurrency;

namespace FedRec.Grains.Histories;

/// <summary>Finds the client of a user and has it remember the change. Keeps nothing itself.</summary>
[StatelessWorker]
internal sealed class HistoryGrain(RunContexts contexts) : Grain, IHistoryGrain
{
    private string Federation => this.GetPrimaryKeyString();

    public async Task<HistoryReceipt> RecordAsync(HistoryChange change, CancellationToken cancellationToken = default)
    {
        var federation = GrainFactory.GetGrain<IFederationGrain>(Federation);
        var summary = await federation.GetSummaryAsync(cancellationToken);
        if (summary.Runs.IsEmpty)
        {
            return new HistoryReceipt(HistoryOutcome.NoRun, $"Federation '{Federation}' has no run yet. Train a model first; then its users are known.");
        }

        var run = await contexts.GetAsync(GrainKeys.Run(Federation, summary.Runs[^1]), cancellationToken);
        if (Refuse(run, change) is { } refusal)
        {
            return refusal;
        }

        var lastRun = await federation.NoteRecordedAsync(CancellationToken.None); // first: from here on clients look for what they remember
        run.Dataset.Users.TryGet(change.User, out var user);
        await GrainFactory.GetGrain<IClientGrain>(GrainKeys.Client(Federation, run.Partition.Find(user).Client)).RecordAsync(change, lastRun, CancellationToken.None);
        return new HistoryReceipt(HistoryOutcome.Recorded, "Recorded. Recommendations follow at once, training from the next run on.");
    }

    private static HistoryReceipt? Refuse(RunContext run, HistoryChange change)
    {
        var data = run.Dataset;
        if (run.Request.Data.Parties > 0)
        {
            return Unfit($"Changes are recorded where each user is a client; the last run deals its users to {run.Request.Data.Parties} parties.");
        }

        if (!data.Users.TryGet(change.User, out _))
        {
            return new HistoryReceipt(HistoryOutcome.UnknownUser, $"There is no user '{change.User}'. Somebody who is in no client's data can ask with items of their own.");
        }

        if (change.Kind == HistoryChangeKind.Forgotten)
        {
            return null;
        }

        if (change.Item is null || !data.Items.TryGet(change.Item, out _))
        {
            return new HistoryReceipt(HistoryOutcome.UnknownItem, $"There is no item '{change.Item}' in the catalogue.");
        }

        return (change, data.Train.HasRatings) switch
        {
            ({ Kind: HistoryChangeKind.Removed }, _) => null,
            ({ Rating: null }, true) when run.UsesRatings => Unfit($"The learner {run.Request.Learner} of the last run learns from ratings; give one."),
            ({ Rating: not null }, false) => Unfit("The data has no ratings; leave the rating out."),
            ({ Rating: { } rating }, _) when !float.IsFinite(rating) => Unfit($"The rating {rating} is not a number."),
            _ => null,
        };
    }

    private static HistoryReceipt Unfit(string message) => new(HistoryOutcome.Unfit, message);
}
