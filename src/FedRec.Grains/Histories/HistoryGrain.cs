using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Grains.Parties;
using FedRec.Grains.Training;
using Orleans.Concurrency;

namespace FedRec.Grains.Histories;

/// <summary>Finds the grain of a user and has it remember the change. Keeps nothing itself.</summary>
[StatelessWorker]
internal sealed class HistoryGrain(RunCache contexts, HostedIntake intake, UserForgetting forgetting, UserKeys keys) : Grain, IHistoryGrain
{
    private string Federation => this.GetPrimaryKeyString();

    public async Task<HistoryReceipt> RecordAsync(HistoryChange change, CancellationToken cancellationToken = default)
    {
        if (change.Kind == HistoryChangeKind.Forgotten)
        {
            return (await ForgetAsync(change.User, retires: false, cancellationToken)).Receipt;
        }

        var federation = GrainFactory.GetGrain<IFederationGrain>(Federation);
        var summary = await federation.GetSummaryAsync(cancellationToken);
        if (summary.Hosted is not null || (summary.Runs.IsEmpty && change.Kind == HistoryChangeKind.Added))
        {
            return await intake.RecordAsync(Federation, change);
        }

        if (summary.Runs.IsEmpty)
        {
            return UserForgetting.NoRun(Federation);
        }

        var run = await contexts.GetAsync(GrainKeys.Run(Federation, summary.Runs[^1]), cancellationToken);
        if (Refuse(run, change) is { } refusal)
        {
            return refusal;
        }

        var user = (await keys.GetAsync(Federation)).Of(change.User);
        var lastRun = await federation.NoteRecordedAsync(CancellationToken.None); // first: from here on users look for what they remember
        var grain = GrainFactory.GetGrain<IUserGrain>(GrainKeys.User(Federation, user));
        return await grain.RecordAsync(change, lastRun, CancellationToken.None)
            ? new HistoryReceipt(HistoryOutcome.Recorded, HostedIntake.Recorded)
            : HostedIntake.Forgotten(change.User);
    }

    public Task<ForgettingReceipt> ForgetAsync(string user, bool retires, CancellationToken cancellationToken = default) => forgetting.ForgetAsync(Federation, user, retires, cancellationToken);

    public Task<ImportReceipt> ImportAsync(ImmutableArray<HistoryChange> changes, CancellationToken cancellationToken = default) => intake.ImportAsync(Federation, organisation: null, changes);

    public Task<ImportReceipt> ImportOfAsync(string client, ImmutableArray<HistoryChange> changes, CancellationToken cancellationToken = default) => intake.ImportAsync(Federation, client, changes);

    private static HistoryReceipt? Refuse(RunContext run, HistoryChange change)
    {
        var data = run.SimulatedFor("what is recorded beside loaded data").Dataset;
        if (!data.Users.TryGet(change.User, out _))
        {
            return UserForgetting.UnknownHere(change.User);
        }

        if (change.Item is null || !data.Items.TryGet(change.Item, out _))
        {
            return new HistoryReceipt(HistoryOutcome.UnknownItem, $"There is no item '{change.Item}' in the catalogue.");
        }

        return (change, data.Train.HasRatings) switch
        {
            ({ Time: not null }, _) => Unfit("What is recorded beside loaded data is newer than all of it; leave the time out."),
            ({ Kind: HistoryChangeKind.Removed }, _) => null,
            ({ Rating: null }, true) when run.UsesRatings => Unfit($"The learner {run.Request.Learner} of the last run learns from ratings; give one."),
            ({ Rating: not null }, false) => Unfit("The data has no ratings; leave the rating out."),
            ({ Rating: { } rating }, _) when !float.IsFinite(rating) => Unfit($"The rating {rating} is not a number."),
            _ => null,
        };
    }

    private static HistoryReceipt Unfit(string message) => new(HistoryOutcome.Unfit, message);
}
