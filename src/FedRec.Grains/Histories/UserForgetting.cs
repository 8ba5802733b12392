using FedRec.Contracts.Clients;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;
using FedRec.Grains.Parties;
using FedRec.Grains.Training;

namespace FedRec.Grains.Histories;

/// <summary>Forgets a user wherever there is something of the user, and has it certified.</summary>
/// <remarks>Each step may be repeated, and the certificate comes last: cut off before, whoever asks again gets it.</remarks>
internal sealed class UserForgetting(IGrainFactory grains, RunCache contexts, HostedIntake intake, UserKeys keys)
{
    /// <summary>Forgets a user.</summary>
    /// <param name="federation">The federation.</param>
    /// <param name="user">Original id.</param>
    /// <param name="retires">Whether versions that counted the user are retired.</param>
    /// <param name="cancellationToken">Ends the wait before anything is done.</param>
    public async Task<ForgettingReceipt> ForgetAsync(string federation, string user, bool retires, CancellationToken cancellationToken)
    {
        var summary = await grains.GetGrain<IFederationGrain>(federation).GetSummaryAsync(cancellationToken);
        if (summary.Hosted is null && summary.Runs.IsEmpty)
        {
            return new ForgettingReceipt(NoRun(federation), Certificate: null);
        }

        var run = summary.Hosted is null ? await contexts.GetAsync(GrainKeys.Run(federation, summary.Runs[^1]), cancellationToken) : null;
        if (await EraseAsync(federation, user, summary, run) is not { } done)
        {
            return new ForgettingReceipt(run is null ? new HistoryReceipt(HistoryOutcome.UnknownUser, $"There is no user '{user}'.") : UnknownHere(user), Certificate: null);
        }

        var key = (await keys.GetAsync(federation)).Of(user);
        await grains.GetGrain<IUserRegistryGrain>(federation).NoteForgottenAsync(key, done.Erased, CancellationToken.None);
        var active = await ActiveAsync(federation, summary);
        var open = active is not null && GrainKeys.RunNumber(active) <= done.Erased.Last ? active : null;
        var kept = active is null && await grains.GetGrain<IClientGrain>(GrainKeys.Client(federation, done.Client)).EraseKeptAsync(done.Erased.Last, CancellationToken.None); // a run goes on with it
        var counted = run is null ? done.Erased : done.Erased with { After = 0 }; // what was loaded may have been in every run
        var remains = Places(run, open);
        var certificate = await grains.GetGrain<IForgettingGrain>(GrainKeys.User(federation, key)).IssueAsync(counted, done.Interactions, kept ? 1 : 0, [.. remains], retires, CancellationToken.None);
        var versions = (await grains.GetGrain<IModelGrain>(federation).GetSummaryAsync(CancellationToken.None)).Versions.Where(line => counted.IsIn(GrainKeys.RunNumber(line.RunId))).ToArray();
        var receipt = new HistoryReceipt(HistoryOutcome.Recorded, "Forgotten. What was recorded is erased, nothing is recommended any more, and the next run trains without the user.")
        {
            Remaining =
            [
                .. run is null ? Array.Empty<string>() : [$"the data that was loaded ({run.Data.Name}): the user's rows are left out, but stay in the file until you remove them"],
                .. versions.Length == 0 ? Array.Empty<string>()
                    : [$"model versions of before ({Words(versions)}): numbers made of all users' data; train anew, and they are dropped {(certificate.Retires ? "once another version is in use" : "in time")}"],
                .. remains.Skip(run is null ? 0 : 1),
            ],
        };
        return new ForgettingReceipt(receipt, certificate);
    }

    /// <summary>What is said where there are no users yet.</summary>
    public static HistoryReceipt NoRun(string federation) => new(HistoryOutcome.NoRun, $"Federation '{federation}' has neither a run nor interactions yet, hence no users.");

    /// <summary>What is said of a user who is not in the loaded data.</summary>
    public static HistoryReceipt UnknownHere(string user) => new(HistoryOutcome.UnknownUser, $"There is no user '{user}'. Somebody who is in no client's data can ask with items of their own.");

    // A federation hears of the end of its run a moment later.
    private async Task<string?> ActiveAsync(string federation, FederationSummary summary) => summary.ActiveRun is { } active
        && await grains.GetGrain<IRunGrain>(GrainKeys.Run(federation, active)).GetStatusAsync() is not { Phase: RunPhase.Completed or RunPhase.Stopped or RunPhase.Failed } ? active : null;

    private async Task<ErasedUser?> EraseAsync(string federation, string user, FederationSummary summary, RunContext? run)
    {
        if (run is null)
        {
            return await intake.ForgetAsync(federation, user, summary.Hosted!.LastRun);
        }

        var simulated = run.SimulatedFor("what is recorded beside loaded data");
        if (!simulated.Dataset.Users.TryGet(user, out var place))
        {
            return null;
        }

        var grain = grains.GetGrain<IUserGrain>(GrainKeys.User(federation, (await keys.GetAsync(federation)).Of(user)));
        var lastRun = await grains.GetGrain<IFederationGrain>(federation).NoteRecordedAsync(CancellationToken.None); // first: from here on users look for what they remember
        var count = await grain.CountAsync(CancellationToken.None);
        return new ErasedUser(await grain.ForgetAsync(lastRun, CancellationToken.None), count, simulated.Partition.Find(place).Client);
    }

    // Without the name of the data: it may be the user's.
    private static List<string> Places(RunContext? run, string? open) =>
    [
        .. run is null ? Array.Empty<string>() : ["the data that was loaded: the user's rows are left out, but stay in the file until you remove them"],
        .. open is null ? Array.Empty<string>() : [$"{open}, which had begun: it goes on with the user, and so does what its clients keep until it ends"],
        "run folders written before: their recommendations may name the user",
        .. run is { IsAudited: true } ? ["the audit trail, which must show what was offered to whom"] : Array.Empty<string>(),
        "storage: overwritten blobs are gone when its own clean-up, versioning and backups let them go",
    ];

    private static string Words(ModelVersionLine[] versions) => versions.Length == 1 ? $"version {versions[0].Version}" : $"versions {versions[0].Version} to {versions[^1].Version}";
}
