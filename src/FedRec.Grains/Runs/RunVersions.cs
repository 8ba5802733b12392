using FedRec.Contracts.Clients;
using FedRec.Contracts.Models;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Models;
using FedRec.Grains.Training;

namespace FedRec.Grains.Runs;

/// <summary>Publishes the versions of one run, and with patience keeps the best of them in use.</summary>
/// <remarks>With patience a version is put in use only once it is the best on validation so far, and the round that made it is published at
/// once. So the best is durable like every other version, is never dropped by retention, which spares the version in use, and a crash at any point
/// finds it again.</remarks>
internal sealed class RunVersions(RunContext run, RunJournal journal, RunServices services, IGrainFactory grains)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);
    private long _at = services.Time.GetTimestamp();

    /// <summary>Last version published; before the first, the one that the run began with, or 0.</summary>
    public long Version { get; private set; }

    /// <summary>Round of that version.</summary>
    public int Round { get; private set; }

    private bool KeepsBest => run.Request.Patience > 0;

    /// <summary>The version of this federation that the run begins with; 0 when there is none.</summary>
    private long OwnStart => run.Request.WarmStartFrom is null ? run.Request.WarmStart : 0;

    private IModelGrain Model => grains.GetGrain<IModelGrain>(run.Request.Federation);

    /// <summary>Goes back to the last version published.</summary>
    /// <returns>The server's state of that version, or of the initial parameters.</returns>
    public async Task<ServerState> RestoreAsync()
    {
        if (await services.Publisher.FindLastAsync(run, promote: !KeepsBest) is not var (manifest, state))
        {
            journal.Rewind(0, 0, "");
            Version = OwnStart; // the parent of the first version
            return ServerState.Initial(await services.Publisher.LoadInitialAsync(run, journal.WarmStarted));
        }

        (Version, Round) = (manifest.Version, manifest.Round);
        journal.Rewind(manifest.Round, manifest.Version, manifest.Sha256);
        return state;
    }

    /// <summary>Whether a round is to be published. Where clients keep state, every round is: they can repeat one round, and no more.</summary>
    public bool IsDue(int round) => run.Learner.KeepsClientState || (run.Request.Rounds.PublishEvery is > 0 and var every
        ? round % every == 0
        : services.Time.GetElapsedTime(_at) >= s_interval);

    /// <summary>Publishes the last round taken in, unless that has happened.</summary>
    /// <returns>The version of that round.</returns>
    public async Task<long> PublishAsync(ServerState state, PreparedModel prepared)
    {
        if (journal.RoundsDone == Round)
        {
            return Version;
        }

        var start = services.Time.GetTimestamp();
        await journal.SaveAsync(); // first the rounds, then the version that holds them
        var record = journal.Status.Rounds[^1];
        var manifest = await services.Publisher.PublishAsync(run, state, record, Version, journal.LastMetrics, promote: !KeepsBest);
        (Version, Round, _at) = (manifest.Version, record.Round, services.Time.GetTimestamp());
        services.Parameters.Put(new ModelReference(run.RunKey, 0, manifest.Version), prepared); // what is worked out of it once serves too
        journal.Published(manifest.Version, manifest.Sha256, record.Round, services.Time.GetElapsedTime(start).TotalSeconds);
        return manifest.Version;
    }

    /// <summary>Publishes the last round, which is the best so far, and puts it in use.</summary>
    public async Task KeepAsync(ServerState state, PreparedModel prepared)
    {
        if (KeepsBest)
        {
            await Model.PromoteAsync(await PublishAsync(state, prepared));
        }
    }

    /// <summary>Publishes the last round and, at the end of a run with patience, sees to it that the best version is in use. A run that began at
    /// a version and never became better puts none in use.</summary>
    /// <param name="state">After the last round.</param>
    /// <param name="prepared">Its parameters.</param>
    /// <param name="bestRound">Round of the best version; 0 when no evaluation has found one.</param>
    /// <returns>The model that the run leaves in use, and its round.</returns>
    public async Task<(ModelReference Model, int Round)> ConcludeAsync(ServerState state, PreparedModel prepared, int bestRound)
    {
        await PublishAsync(state, prepared);
        var last = (new ModelReference(run.RunKey, journal.RoundsDone, 0), journal.RoundsDone);
        if (!KeepsBest || Round == 0)
        {
            return last;
        }

        var runId = GrainKeys.RunId(run.RunKey);
        var best = (await Model.GetSummaryAsync()).Versions.LastOrDefault(line => line.RunId == runId && line.Round == bestRound);
        if (best is not null || OwnStart == 0)
        {
            await Model.PromoteAsync(best?.Version ?? Version); // without a best one, no round beat the untrained model
        }

        if (best is null || best.Version == Version)
        {
            return last;
        }

        journal.Chose(best.Version, best.Sha256);
        return (new ModelReference(run.RunKey, 0, best.Version), best.Round);
    }
}
