using System.CommandLine;
using FedRec.Cli.Hosting;
using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;
using FedRec.Core.Data;
using FedRec.Grains.Federations;

namespace FedRec.Cli.Commands;

/// <summary>What the verbs that ask a federation have in common.</summary>
internal static class VerbSession
{
    /// <summary>Opens a session for a verb.</summary>
    public static Task<FedRecSession> OpenAsync(CommandContext context, Option<string?> storage, CancellationToken cancellationToken, bool trainsLong = false, bool onlyLooks = false) =>
        FedRecSession.OpenAsync(context, Plan(context, context.Value(storage)) with { TrainsLong = trainsLong, OnlyLooks = onlyLooks }, cancellationToken);

    /// <summary>What a verb needs, from its name and the configuration.</summary>
    /// <param name="context">Terminal and configuration.</param>
    /// <param name="storage">As given; null for the configured one.</param>
    /// <param name="labels">Of its silos, as given; null for the configured ones.</param>
    /// <exception cref="CliException">Blob storage is asked for without a connection string.</exception>
    public static SessionPlan Plan(CommandContext context, string? storage, string? labels = null)
    {
        var settings = context.Settings;
        settings.Silo.Labels = labels ?? settings.Silo.Labels;
        var kind = storage ?? settings.Storage.ResolvedKind;
        if ((settings.Silo.Wrong(kind) ?? settings.Host.Tls.Wrong() ?? settings.Host.Encryption.Wrong()) is { } wrong)
        {
            throw new CliException(ExitCode.BadConfiguration, wrong, "silo-config/README.md says what each key is for.");
        }

        return kind == "blob" && settings.Storage.ConnectionString.Length == 0
            ? throw new CliException(ExitCode.BadConfiguration, "Blob storage needs FedRec:Storage:ConnectionString.", "Set the variable FEDREC__Storage__ConnectionString, or use --storage azurite.")
            : new SessionPlan(context.Line.CommandResult.Command.Name, settings, kind);
    }

    /// <summary>The federation that is meant: the given one, else the one that trained last. Says when a run of it is unfinished.</summary>
    /// <exception cref="CliException">There is none, or not the given one.</exception>
    public static async Task<string> FederationAsync(CommandContext context, FedRecSession session, string? given, CancellationToken cancellationToken)
    {
        // The most recently active first; one whose first start was cut off has no runs, and neither has one whose clients have not been trained yet.
        var known = (await session.Models.ListFederationsAsync(cancellationToken)).Where(federation => !federation.Runs.IsEmpty || federation.Hosted is not null).ToList();
        var summary = given is null ? known.FirstOrDefault() : known.Find(federation => federation.Name == given);
        if (summary is null)
        {
            throw given is null || known.Count == 0
                ? new CliException(ExitCode.Failed, "Nothing has been trained in this store yet.", "Start with 'fedrec demo --once', or 'fedrec simulate --data PATH'.")
                : new CliException(ExitCode.Failed, $"There is no federation '{given}' in this store.", NearestName.Sentence(given, [.. known.Select(federation => federation.Name)]));
        }

        if (session.OwnsSilo && summary.ActiveRun is { } runId) // nobody trains it: this process only asks
        {
            await SayUnfinishedAsync(context, session.Grains, summary.Name, runId, cancellationToken);
        }

        return summary.Name;
    }

    private static async Task SayUnfinishedAsync(CommandContext context, IGrainFactory grains, string federation, string runId, CancellationToken cancellationToken)
    {
        if (await grains.GetGrain<IRunGrain>($"{federation}/{runId}").GetStatusAsync(cancellationToken) is { Phase: RunPhase.Pending or RunPhase.Running } status)
        {
            context.Say($"Run {runId} of {federation} is unfinished (round {status.RoundsDone} of {status.Request.Rounds.Count}); the command that began it, given again, goes on, and so does 'fedrec serve'.");
        }
    }

    /// <summary>The version that is meant: the given one, else the one in use.</summary>
    /// <exception cref="CliException">There is no such version, or none in use.</exception>
    public static Task<ModelManifest> ManifestAsync(IModelReader models, string federation, long given, CancellationToken cancellationToken) => ManifestAsync(
        models.GetSummaryAsync(federation, cancellationToken), version => models.GetManifestAsync(federation, version, cancellationToken), given);

    /// <inheritdoc cref="ManifestAsync(IModelReader, string, long, CancellationToken)"/>
    public static Task<ModelManifest> ManifestAsync(IModelGrain model, long given, CancellationToken cancellationToken) => ManifestAsync(
        model.GetSummaryAsync(cancellationToken), version => model.GetManifestAsync(version, cancellationToken), given);

    private static async Task<ModelManifest> ManifestAsync(Task<ModelSummary> reading, Func<long, Task<ModelManifest?>> find, long given)
    {
        var summary = await reading;
        var version = given > 0 ? given : summary.Serving;
        var manifest = version > 0 ? await find(version) : null;
        return manifest ?? throw new CliException(ExitCode.Failed,
            given > 0 ? $"There is no model version {given}." : "No model version is in use.",
            summary.Versions.IsEmpty ? "Train one with 'fedrec simulate'." : $"Kept versions: {string.Join(", ", summary.Versions.Select(v => v.Version))}.");
    }

    /// <summary>Which version a verb means; 0 for the one in use.</summary>
    public static Option<int> Version() => TypedOptions.Number("--model", "Model version; 0 for the one in use.", 0, 0);
}
