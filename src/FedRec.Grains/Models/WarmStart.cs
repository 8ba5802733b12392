using FedRec.Contracts.Histories;
using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Learners.Transfers;
using FedRec.Grains.Parties;
using FedRec.Grains.Training;

namespace FedRec.Grains.Models;

/// <summary>Tells whether a run can begin with the parameters of a version.</summary>
internal static class WarmStart
{
    /// <summary>Finds the version that a run is warm-started from.</summary>
    /// <returns>Its manifest; null when the run begins at the learner's own parameters, or at another federation's.</returns>
    /// <exception cref="ArgumentException">There is no such version, or another learner or other shapes made it.</exception>
    public static async Task<ModelManifest?> CheckAsync(RunContext run, IGrainFactory grains)
    {
        var (federation, version) = (run.Request.Federation, run.Request.WarmStart);
        if (version == 0 || run.Request.WarmStartFrom is not null)
        {
            return null;
        }

        var manifest = await grains.GetGrain<IModelGrain>(federation).GetManifestAsync(version)
            ?? throw new ArgumentException($"warm-start is {version}, but federation {federation} has no such model version; fedrec model list shows the versions.");
        if (manifest.Learner != run.Learner.Name)
        {
            throw new ArgumentException($"warm-start is {version}, a version that the learner {manifest.Learner} made; this run trains {run.Learner.Name}.");
        }

        if (run.Request.Privacy is not null && manifest.Privacy is null)
        {
            throw new ArgumentException($"warm-start is {version}, a version without privacy: what its clients gave it would be in the private one too. Begin with one that was trained with privacy, or with one of another federation (public data).");
        }

        var wanted = run.Learner.Parameters.Blocks.Select(block => new TensorShape(block.Name, block.Rows, block.Columns)).ToArray();
        if (await PlanAsync(run, manifest, grains) is null && !manifest.Tensors.SequenceEqual(wanted))
        {
            throw new ArgumentException(
                $"warm-start is {version}, whose parameters are {Words(manifest.Tensors)}; this run's are {Words(wanted)}. Use the options and the catalogue of that version.");
        }

        if (run.Counted is { } counted)
        {
            await CheckCountedAsync(run, manifest, counted, grains);
        }

        return manifest;
    }

    /// <summary>What of a version corresponds to the run's catalogue, item by item.</summary>
    /// <returns>Null when the version has the run's own catalogue, or does not say which it has: then its parameters are taken as they are.</returns>
    /// <exception cref="ArgumentException">The parameters cannot be carried over; the message says why.</exception>
    public static async Task<ParameterTransfer?> PlanAsync(RunContext run, ModelManifest manifest, IGrainFactory grains)
    {
        if (manifest.CatalogueSha256.Length == 0 || manifest.CatalogueSha256 == run.CatalogueSha256
            || await grains.GetGrain<IModelGrain>(manifest.Federation).ReadCatalogueAsync(manifest.Version) is not { } file)
        {
            return null;
        }

        var catalogue = VersionCatalogue.Read(file.Span, run.Parts.Learner);
        if (catalogue.Sha256 == run.CatalogueSha256)
        {
            return null;
        }

        try
        {
            return ParameterTransfer.Plan(run.LearnerFor(catalogue), [.. catalogue.Items], run.Learner, ItemKeys.Of(run.Catalogue, ItemKeys.Id));
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentException($"warm-start is {manifest.Version}: {exception.Message}");
        }
    }

    // What has changed can be told only if everything before is known: the same clients, all of them, under the same options.
    private static async Task CheckCountedAsync(RunContext run, ModelManifest manifest, CountedRun number, IGrainFactory grains)
    {
        var counted = await grains.GetGrain<IRunGrain>(GrainKeys.Run(manifest.Federation, manifest.RunId)).GetStatusAsync();
        if (counted is null || !IsSameData(run, manifest, counted.Source) || !counted.Request.LearnerOptions.SequenceEqual(run.Request.LearnerOptions))
        {
            throw new ArgumentException($"warm-start is {manifest.Version}, which was counted from other data or under other options of {manifest.Learner}; give those of {manifest.RunId}, or train afresh.");
        }

        if (await grains.GetGrain<IUserRegistryGrain>(manifest.Federation).CountsErasedAsync(number.Number))
        {
            throw new ArgumentException($"warm-start is {manifest.Version}, which counts what a forgotten user had done; that is erased, so it cannot be taken out of the version. Train afresh.");
        }

        var before = run.Parts.Learner(run.Request.Learner).Create(run.Request.LearnerOptions, run.Shape with { Users = counted.Users });
        if (!UnitsOf(before).SequenceEqual(UnitsOf(run.Learner))) // sums of more users need coarser ones, to be exact
        {
            throw new ArgumentException($"warm-start is {manifest.Version}, which was counted of {counted.Users} users, in units too fine for {run.Shape.Users}. Train afresh.");
        }

        var clients = run.Hosted is null ? run.Clients : number.Clients; // who keeps the data may have come later, and adds all of it
        if (counted.Phase != RunPhase.Completed || manifest.Participants < clients)
        {
            throw new ArgumentException($"warm-start is {manifest.Version}, which counts {manifest.Participants} of {clients} clients after round {manifest.Round} of {counted.Request.Rounds.Count}; only a complete version can be changed. Train afresh.");
        }
    }

    // Of clients that keep their data, what they had done then, which they know; otherwise the data itself where the version knows it; for versions of before, where it was read from.
    private static bool IsSameData(RunContext run, ModelManifest manifest, RunSource counted) => run.Source.Hosted is { } now
        ? counted.Hosted is { } then && (then.HasRatings, counted.HoldOutValidation) == (now.HasRatings, run.Source.HoldOutValidation) && then.Clients <= now.Clients && then.Items <= now.Items
        : manifest.DataSha256.Length == 0 ? (counted.Simulated, counted.HoldOutValidation) == (run.Source.Simulated, run.Source.HoldOutValidation)
        : manifest.DataSha256 == run.Data.Hash.Value && (counted.Simulated?.Parties, counted.Simulated?.Alpha) == (run.Source.Simulated?.Parties, run.Source.Simulated?.Alpha);

    private static IEnumerable<double?> UnitsOf(ILearner learner) => learner.Recipe(LearningPhase.Training).Update.Blocks.ToArray().Select(block => block.Sensitivity);

    private static string Words(IEnumerable<TensorShape> shapes) => string.Join(", ", shapes.Select(shape => $"{shape.Name} {shape.Rows} × {shape.Columns}"));
}
