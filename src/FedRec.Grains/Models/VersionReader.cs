using FedRec.Contracts.Clients;
using FedRec.Contracts.Models;
using FedRec.Core.Learners;
using FedRec.Core.Learners.Transfers;
using FedRec.Core.Snapshots;
using FedRec.Grains.Training;

namespace FedRec.Grains.Models;

/// <summary>Makes a stored version ready to score under the data of its run as it is now.</summary>
internal sealed partial class VersionReader(IGrainFactory grains, IModelStore store, ILogger<VersionReader> log)
{
    /// <summary>Reads a version; where its catalogue is not the run's, because the data or defaults have changed since, its items are found by id.</summary>
    /// <exception cref="ArgumentException">There is no such version, or it does not say which items it has and their number is another.</exception>
    public async Task<PreparedModel> OpenAsync(ModelReference reference, RunContext run)
    {
        var federation = GrainKeys.Federation(reference.RunKey);
        var manifest = await grains.GetGrain<IModelGrain>(federation).GetManifestAsync(reference.Version)
            ?? throw new ArgumentException($"Federation {federation} has no model version {reference.Version}.", nameof(reference));
        var values = Safetensors.Read(await store.LoadContentAsync(federation, ModelFiles.Tensors, manifest.Version, manifest.Sha256)).Values;
        var model = manifest.CatalogueSha256 == run.CatalogueSha256 ? run.Learner.Prepare(values)
            : manifest.CatalogueSha256.Length > 0 ? await MatchAsync(manifest, values, run)
            : TakeAsItIs(manifest, values, run);
        await TakeWeightsAsync(model, manifest);
        return model;
    }

    // Without them, scoring works them out again: they are only a copy of what follows from the tensors.
    private async Task TakeWeightsAsync(PreparedModel model, ModelManifest manifest)
    {
        if (model.Derived is not { } derived || manifest.WeightsSha256.Length == 0)
        {
            return;
        }

        try
        {
            derived.Take(Safetensors.Read(await store.LoadContentAsync(manifest.Federation, ModelFiles.Weights, manifest.Version, manifest.WeightsSha256)));
        }
        catch (Exception exception) when (exception is InvalidDataException or FileNotFoundException)
        {
            LogWeightsLost(manifest.Federation, manifest.Version, exception.Message);
        }
    }

    private async Task<PreparedModel> MatchAsync(ModelManifest manifest, ReadOnlyMemory<float> values, RunContext run)
    {
        var file = await store.LoadContentAsync(manifest.Federation, ModelFiles.Catalogue, manifest.Version, manifest.CatalogueSha256);
        var catalogue = VersionCatalogue.Read(file.Span, run.Parts.Learner);
        if (catalogue.Sha256 == run.CatalogueSha256)
        {
            return run.Learner.Prepare(values); // the learner has got options since, and is as it was
        }

        var matched = MatchedVersion.Of(run.LearnerFor(catalogue), values, catalogue, run.Catalogue, run.Shape);
        LogMatched(manifest.Federation, manifest.Version, run.RunKey, matched.Unknown, run.Catalogue.Items.Count);
        return matched;
    }

    private PreparedModel TakeAsItIs(ModelManifest manifest, ReadOnlyMemory<float> values, RunContext run)
    {
        if (!run.Learner.Reads(values.Length))
        {
            throw new ArgumentException(
                $"Version {manifest.Version} has {values.Length} parameters, and {run.Learner.Name} on the data of {run.RunKey} as it is now {run.Learner.Parameters.Length}: the data has changed, and the version is one of before versions knew their items. Put the data back as it was, or train a new version.");
        }

        LogUnchecked(manifest.Federation, manifest.Version, run.RunKey);
        return run.Learner.Prepare(values);
    }

    [LoggerMessage(LogLevel.Information, "Federation {Federation}: the data or the options of {Run} are not those of version {Version} any more, which scores as it did; items are found by id, {Unknown} of {Items} are not known to it")]
    private partial void LogMatched(string federation, long version, string run, int unknown, int items);

    [LoggerMessage(LogLevel.Warning, "Federation {Federation}: the weights that were kept with version {Version} cannot be used and are worked out again: {Reason}")]
    private partial void LogWeightsLost(string federation, long version, string reason);

    [LoggerMessage(LogLevel.Warning, "Federation {Federation}: version {Version} does not say which items it is of; it is taken as of those of {Run} in their order, which could not be checked")]
    private partial void LogUnchecked(string federation, long version, string run);
}
