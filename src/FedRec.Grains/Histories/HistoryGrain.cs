using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Models;
using FedRec.Grains.Parties;
using FedRec.Grains.Training;
using Orleans.Concurrency;

namespace FedRec.Grains.Histories;

/// <summary>Finds the grain of a user and has it remember the change. Keeps nothing itself.</summary>
[StatelessWorker]
internal sealed class HistoryGrain(RunCache contexts, HostedIntake intake, UserKeys keys) : Grain, IHistoryGrain
{
    private string Federation => this.GetPrimaryKeyString();

    public async Task<HistoryReceipt> RecordAsync(HistoryChange change, CancellationToken cancellationToken = default)
    {
        var federation = GrainFactory.GetGrain<IFederationGrain>(Federation);
        var summary = await federation.GetSummaryAsync(cancellationToken);
        if (summary.Hosted is not null && change.Kind == HistoryChangeKind.Forgotten)
        {
            return await ForgetHostedAsync(change, summary.Hosted.LastRun);
        }

        if (summary.Hosted is not null || (summary.Runs.IsEmpty && change.Kind == HistoryChangeKind.Added))
        {
            return await intake.RecordAsync(Federation, change);
        }

        if (summary.Runs.IsEmpty)
        {
            return new HistoryReceipt(HistoryOutcome.NoRun, $"Federation '{Federation}' has neither a run nor interactions yet, hence no users.");
        }

        var run = await contexts.GetAsync(GrainKeys.Run(Federation, summary.Runs[^1]), cancellationToken);
        if (Refuse(run, change) is { } refusal)
        {
            return refusal;
        }

        var user = (await keys.GetAsync(Federation)).Of(change.User);
        var lastRun = await federation.NoteRecordedAsync(CancellationToken.None); // first: from here on users look for what they remember
        var grain = GrainFactory.GetGrain<IUserGrain>(GrainKeys.User(Federation, user));
        if (change.Kind == HistoryChangeKind.Forgotten)
        {
            return await ForgottenAsync(user, run, await grain.ForgetAsync(lastRun, CancellationToken.None));
        }

        return await grain.RecordAsync(change, lastRun, CancellationToken.None)
            ? new HistoryReceipt(HistoryOutcome.Recorded, HostedIntake.Recorded)
            : HostedIntake.Forgotten(change.User);
    }

    public Task<ImportReceipt> ImportAsync(ImmutableArray<HistoryChange> changes, CancellationToken cancellationToken = default) => intake.ImportAsync(Federation, organisation: null, changes);

    public Task<ImportReceipt> ImportOfAsync(string client, ImmutableArray<HistoryChange> changes, CancellationToken cancellationToken = default) => intake.ImportAsync(Federation, client, changes);

    private async Task<HistoryReceipt> ForgetHostedAsync(HistoryChange change, int lastRun)
    {
        return await intake.ForgetAsync(Federation, change.User, lastRun) is { } erased ? await ForgottenAsync((await keys.GetAsync(Federation)).Of(change.User), run: null, erased)
            : new HistoryReceipt(HistoryOutcome.UnknownUser, $"There is no user '{change.User}'.");
    }

    private async Task<HistoryReceipt> ForgottenAsync(string user, RunContext? run, ErasedChanges erased)
    {
        await GrainFactory.GetGrain<IUserRegistryGrain>(Federation).NoteForgottenAsync(user, erased, CancellationToken.None);
        var versions = (await GrainFactory.GetGrain<IModelGrain>(Federation).GetSummaryAsync()).Versions.Where(line => GrainKeys.RunNumber(line.RunId) <= erased.Last).ToArray();
        return new HistoryReceipt(HistoryOutcome.Recorded, "Forgotten. What was recorded is erased, nothing is recommended any more, and the next run trains without the user.")
        {
            Remaining =
            [
                .. run is null ? Array.Empty<string>() : [$"the data that was loaded ({run.Data.Name}): the user's rows are left out, but stay in the file until you remove them"],
                .. versions.Length == 0 ? Array.Empty<string>() : [$"model versions of before ({Words(versions)}): numbers made of all users' data; train anew, and they are dropped in time"],
                "run folders written before: their recommendations may name the user",
                .. run is { IsAudited: true } ? ["the audit trail, which must show what was offered to whom"] : Array.Empty<string>(),
                "storage: overwritten blobs are gone when its own clean-up, versioning and backups let them go",
            ],
        };
    }

    private static string Words(ModelVersionLine[] versions) => versions.Length == 1 ? $"version {versions[0].Version}" : $"versions {versions[0].Version} to {versions[^1].Version}";

    private static HistoryReceipt? Refuse(RunContext run, HistoryChange change)
    {
        var data = run.SimulatedFor("what is recorded beside loaded data").Dataset;
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
