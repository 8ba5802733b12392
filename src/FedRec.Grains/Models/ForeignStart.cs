using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;
using FedRec.Core.Learners.Transfers;
using FedRec.Core.Snapshots;
using FedRec.Grains.Training;

namespace FedRec.Grains.Models;

/// <summary>Begins a run with a version of another federation, whose catalogue may be another.</summary>
/// <remarks>Titles are not stored beside a version. They are found as they were when the version was made: from the request of the
/// run that made it, which its run grain keeps, and that run's data, which this silo must therefore be able to read. Public data is.</remarks>
internal static class ForeignStart
{
    /// <summary>Names the version where the request leaves it open, so that the run is the same whenever it is repeated.</summary>
    /// <exception cref="ArgumentException">The other federation has no version in use, or is the run's own.</exception>
    public static async Task<RunRequest> ResolveAsync(RunRequest request, IGrainFactory grains)
    {
        if (request.WarmStartFrom is not { } from)
        {
            return request;
        }

        if (from.Federation == request.Federation)
        {
            throw new ArgumentException($"warm-start-from is {from.Federation}, the run's own federation; name a version of it by warm-start alone.");
        }

        ModelKey.CheckFederation(from.Federation);
        if (request.WarmStart > 0)
        {
            return request;
        }

        var serving = (await grains.GetGrain<IModelGrain>(from.Federation).GetSummaryAsync()).Serving;
        return serving > 0
            ? request with { WarmStart = serving }
            : throw new ArgumentException($"warm-start-from is {from.Federation}, but that federation has no model version in use; train it first.");
    }

    /// <summary>Finds the version and what of it corresponds to this run's catalogue.</summary>
    /// <exception cref="ArgumentException">There is no such version, its data cannot be read, or it does not fit; the message says which.</exception>
    public static async Task<(ModelManifest Manifest, ParameterTransfer Transfer)> PlanAsync(RunContext run, WarmStartSource from, RunCache contexts, IGrainFactory grains)
    {
        var version = run.Request.WarmStart;
        var manifest = await grains.GetGrain<IModelGrain>(from.Federation).GetManifestAsync(version)
            ?? throw new ArgumentException($"warm-start is {version}, but federation {from.Federation} has no such model version; fedrec model list shows the versions.");
        var source = await OpenAsync(manifest, contexts);
        try
        {
            return (manifest, ParameterTransfer.Plan(
                source.Learner, ItemKeys.Of(source.Catalogue, from.Match), run.Learner, ItemKeys.Of(run.Catalogue, from.Match)));
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentException($"warm-start-from is {from.Federation}, version {version}: {exception.Message}");
        }
    }

    private static async Task<RunContext> OpenAsync(ModelManifest manifest, RunCache contexts)
    {
        try
        {
            return await contexts.GetAsync(GrainKeys.Run(manifest.Federation, manifest.RunId), CancellationToken.None);
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentException($"warm-start-from is {manifest.Federation}, but which items version {manifest.Version} is of cannot be told without the data of its run {manifest.RunId}: {exception.Message}");
        }
    }
}
