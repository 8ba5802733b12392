using System.CommandLine;
using FedRec.Cli.Hosting;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;

namespace FedRec.Cli.Commands;

/// <summary>What the verbs that ask a federation have in common.</summary>
internal static class VerbSession
{
    /// <summary>Opens a session for a verb.</summary>
    public static Task<FedRecSession> OpenAsync(CommandContext context, Option<string?> storage, CancellationToken cancellationToken, bool trainsLong = false) =>
        FedRecSession.OpenAsync(context, Plan(context, context.Value(storage)) with { TrainsLong = trainsLong }, cancellationToken);

    /// <summary>What a verb needs, from its name and the configuration.</summary>
    /// <exception cref="CliException">Blob storage is asked for without a connection string.</exception>
    public static SessionPlan Plan(CommandContext context, string? storage)
    {
        var settings = context.Settings;
        var kind = storage ?? settings.Storage.ResolvedKind;
        return kind == "blob" && settings.Storage.ConnectionString.Length == 0
            ? throw new CliException(ExitCode.BadConfiguration, "Blob storage needs FedRec:Storage:ConnectionString.", "Set the variable FEDREC__Storage__ConnectionString, or use --storage azurite.")
            : new SessionPlan(context.Line.CommandResult.Command.Name, settings, kind);
    }

    /// <summary>The federation that is meant: the given one, else the one that trained last. Says when a run of it is unfinished.</summary>
    /// <exception cref="CliException">There is none, or not the given one.</exception>
    public static async Task<string> FederationAsync(CommandContext context, FedRecSession session, string? given, CancellationToken cancellationToken)
    {
        var known = await KnownAsync(session.Grains, cancellationToken);
        var summary = given is null ? known.FirstOrDefault() : known.Find(federation => federation.Name == given);
        if (summary is null)
        {
            throw given is null || known.Count == 0
                ? new CliException(ExitCode.Failed, "Nothing has been trained in this store yet.", "Start with 'fedrec demo --once', or 'fedrec simulate --data PATH'.")
                : new CliException(ExitCode.Failed, $"There is no federation '{given}' in this store.", Suggestion.Sentence(given, [.. known.Select(federation => federation.Name)]));
        }

        if (session.OwnsSilo && summary.ActiveRun is { } runId) // nobody trains it: this process only asks
        {
            await SayUnfinishedAsync(context, session.Grains, summary.Name, runId, cancellationToken);
        }

        return summary.Name;
    }

    // The most recently active first; one whose first start was cut off has no runs.
    private static async Task<List<FederationSummary>> KnownAsync(IGrainFactory grains, CancellationToken cancellationToken)
    {
        var names = await grains.GetGrain<IFederationDirectoryGrain>(IFederationDirectoryGrain.Key).ListAsync(cancellationToken);
        var summaries = await Task.WhenAll(names.Select(name => grains.GetGrain<IFederationGrain>(name).GetSummaryAsync(cancellationToken)));
        return [.. summaries.Where(summary => !summary.Runs.IsEmpty)];
    }

    private static async Task SayUnfinishedAsync(CommandContext context, IGrainFactory grains, string federation, string runId, CancellationToken cancellationToken)
    {
        if (await grains.GetGrain<IRunGrain>($"{federation}/{runId}").GetStatusAsync(cancellationToken) is { Phase: RunPhase.Pending or RunPhase.Running } status)
        {
            context.Say($"Run {runId} of {federation} is unfinished (round {status.RoundsDone} of {status.Request.Rounds.Count}); the command that began it, given again, goes on, and so does 'fedrec demo'.");
        }
    }

    /// <summary>The version that is meant: the given one, else the one in use.</summary>
    /// <exception cref="CliException">There is no such version, or none in use.</exception>
    public static async Task<ModelManifest> ManifestAsync(IModelGrain model, long given, CancellationToken cancellationToken)
    {
        var summary = await model.GetSummaryAsync(cancellationToken);
        var version = given > 0 ? given : summary.Serving;
        var manifest = version > 0 ? await model.GetManifestAsync(version, cancellationToken) : null;
        return manifest ?? throw new CliException(ExitCode.Failed,
            given > 0 ? $"There is no model version {given}." : "No model version is in use.",
            summary.Versions.IsEmpty ? "Train one with 'fedrec simulate'." : $"Kept versions: {string.Join(", ", summary.Versions.Select(v => v.Version))}.");
    }

    /// <summary>Which version a verb means; 0 for the one in use.</summary>
    public static Option<int> Version() => TypedOptions.Number("--model", "Model version; 0 for the one in use.", 0, 0);
}
