using System.Collections.Immutable;
using FedRec.Contracts.Models;
using FedRec.Contracts.Privacy;
using FedRec.Contracts.Rounds;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Snapshots;
using FedRec.Grains.Requests;
using FedRec.Grains.Training;

namespace FedRec.Grains.Models;

/// <summary>Publishes a run's parameters as a version and reads versions back: tensors, then manifest, then pointer.</summary>
internal sealed class ModelPublisher(IModelStore store, IGrainFactory grains, RunCache contexts, TimeProvider time)
{
    /// <summary>Publishes, and has it decided whether the version is put in use; repeating it after a crash finds what is there.</summary>
    /// <param name="run">The run.</param>
    /// <param name="prepared">The parameters after the round, with all that scoring needs.</param>
    /// <param name="round">The committed round whose parameters they are.</param>
    /// <param name="measurements">What was measured of these very parameters.</param>
    /// <param name="privacy">What it says of its clients' privacy; null without.</param>
    /// <returns>The manifest as committed, and the decision.</returns>
    public async Task<(ModelManifest Manifest, PromotionDecision? Promotion)> PublishAsync(
        RunContext run, PreparedModel prepared, RoundRecord round, ImmutableArray<ModelMeasurement> measurements, PrivacyStatement? privacy)
    {
        var federation = run.Request.Federation;
        var model = grains.GetGrain<IModelGrain>(federation);
        var tensors = ModelFiles.WriteTensors(run.Learner, run.Learner.ToVersion(prepared.Parameters, prepared.Phase));
        var manifest = ToManifest(run, round, measurements, tensors) with
        {
            LearnerOptions = ChosenOptions.Of(run, prepared.Parameters.Span),
            EpsilonSpent = privacy?.Epsilon,
            Privacy = privacy,
            Votes = run.Learner.Votes(prepared.Parameters.Span).ToImmutableSortedDictionary(StringComparer.Ordinal),
        };
        if (await FindAsync(model, manifest) is { } present)
        {
            return (present, (await model.CommitAsync(new ModelCommit(present, run.Request.Promote))).Promotion);
        }

        var weights = prepared.Derived is { } derived ? Safetensors.Write(derived.ToSnapshot()) : [];
        manifest = manifest with { WeightsSha256 = weights.Length == 0 ? "" : Safetensors.Sha256(weights) };
        while (true)
        {
            manifest = manifest with { Version = await model.GetNextVersionAsync() };
            await Task.WhenAll(
                store.SaveContentAsync(federation, ModelFiles.Tensors, manifest.Version, manifest.Sha256, tensors),
                weights.Length == 0 ? Task.CompletedTask : store.SaveContentAsync(federation, ModelFiles.Weights, manifest.Version, manifest.WeightsSha256, weights),
                store.SaveContentAsync(federation, ModelFiles.Catalogue, manifest.Version, manifest.CatalogueSha256, run.CatalogueFile));
            var receipt = await model.CommitAsync(new ModelCommit(manifest, run.Request.Promote));
            if (receipt.Outcome == CommitOutcome.Committed)
            {
                return (manifest, receipt.Promotion);
            }
        }
    }

    /// <summary>Where a run begins: at the version it is warm-started from, or at the learner's own parameters.</summary>
    /// <param name="run">The run.</param>
    /// <param name="tell">Told what of another federation's version is used.</param>
    /// <exception cref="ArgumentException">The version does not fit, or is not there any more.</exception>
    public async Task<ReadOnlyMemory<float>> LoadInitialAsync(RunContext run, Action<string> tell)
    {
        if (run.Request.WarmStartFrom is { } from)
        {
            var (foreign, transfer) = await ForeignStart.PlanAsync(run, from, contexts, grains);
            tell($"begins with version {foreign.Version} of {from.Federation}: {transfer.Summary}");
            return transfer.Carry((await LoadAsync(foreign)).Span, run.Learner.Initialize(run.Request.Seed));
        }

        if (await WarmStart.CheckAsync(run, grains) is not { } manifest)
        {
            return run.Learner.Initialize(run.Request.Seed);
        }

        if (await WarmStart.PlanAsync(run, manifest, grains) is { } carried)
        {
            tell($"begins with version {manifest.Version}, whose items are found by id: {carried.Summary}");
            return carried.Carry((await LoadAsync(manifest)).Span, run.Learner.Initialize(run.Request.Seed));
        }

        return await LoadAsync(manifest);
    }

    /// <summary>The versions that a run of an older program published while it trained, one for each checkpoint; oldest first.</summary>
    public async Task<ImmutableArray<ModelManifest>> FindOfRunAsync(RunContext run)
    {
        var model = grains.GetGrain<IModelGrain>(run.Request.Federation);
        var runId = GrainKeys.RunId(run.RunKey);
        var found = ImmutableArray.CreateBuilder<ModelManifest>();
        foreach (var line in (await model.GetSummaryAsync()).Versions.Where(line => line.RunId == runId))
        {
            if (await model.GetManifestAsync(line.Version) is { StateSha256.Length: > 0 } manifest)
            {
                found.Add(manifest);
            }
        }

        return found.ToImmutable();
    }

    /// <summary>The server's state that an older program stored with a version.</summary>
    public async Task<ServerState> LoadStateAsync(ModelManifest manifest)
    {
        var serverState = await store.LoadContentAsync(manifest.Federation, ModelFiles.ServerState, manifest.Version, manifest.StateSha256);
        return ModelFiles.ReadServerState(serverState, await LoadAsync(manifest));
    }

    private async Task<ReadOnlyMemory<float>> LoadAsync(ModelManifest manifest) =>
        Safetensors.Read(await store.LoadContentAsync(manifest.Federation, ModelFiles.Tensors, manifest.Version, manifest.Sha256)).Values;

    // The crash may have come between the version and the end of its run.
    private static async Task<ModelManifest?> FindAsync(IModelGrain model, ModelManifest manifest)
    {
        var line = (await model.GetSummaryAsync()).Versions.LastOrDefault(
            line => line.RunId == manifest.RunId && line.Round == manifest.Round && line.Sha256 == manifest.Sha256);
        try
        {
            return line is null ? null : await model.GetManifestAsync(line.Version);
        }
        catch (InvalidDataException) // it is damaged: the version is published again, under another number
        {
            return null;
        }
    }

    private ModelManifest ToManifest(RunContext run, RoundRecord round, ImmutableArray<ModelMeasurement> measurements, byte[] tensors) => new()
    {
        Federation = run.Request.Federation,
        Version = 0,
        Parent = run.Request.WarmStartFrom is null ? run.Request.WarmStart : 0,
        Learner = run.Learner.Name,
        RunId = GrainKeys.RunId(run.RunKey),
        Round = round.Round,
        Sha256 = Safetensors.Sha256(tensors),
        ConfigSha256 = RunRequests.Hash(run.Request, run.Source),
        Tensors = [.. run.Learner.Parameters.Blocks.Select(block => new TensorShape(block.Name, block.Rows, block.Columns))],
        Participants = round.Participants,
        CreatedAt = time.GetUtcNow(),
        Bytes = tensors.Length,
        DataSha256 = run.Data.Hash.Value,
        CatalogueSha256 = run.CatalogueSha256,
        Measurements = measurements,
    };
}
