using System.Collections.Immutable;
using FedRec.Contracts.Models;
using FedRec.Contracts.Rounds;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Snapshots;
using FedRec.Grains.Runs;
using FedRec.Grains.Training;

namespace FedRec.Grains.Models;

/// <summary>Publishes a run's parameters as a version and reads them back: tensors, then manifest, then pointer.</summary>
internal sealed class ModelPublisher(IModelStore store, IGrainFactory grains, RunContexts contexts, TimeProvider time)
{
    /// <summary>Publishes, and puts the version in use if asked to; repeating it after a crash finds what is there.</summary>
    /// <returns>The manifest as committed.</returns>
    public async Task<ModelManifest> PublishAsync(
        RunContext run, ServerState state, RoundRecord round, long parent, ImmutableSortedDictionary<string, double> metrics, bool promote)
    {
        var federation = run.Request.Federation;
        var model = grains.GetGrain<IModelGrain>(federation);
        var tensors = ModelFiles.WriteTensors(run.Learner, state.Parameters);
        var serverState = ModelFiles.WriteServerState(state);
        var manifest = ToManifest(run, round, parent, metrics, tensors, serverState);
        while (true)
        {
            manifest = manifest with { Version = await model.GetNextVersionAsync() };
            await Task.WhenAll(
                store.SaveContentAsync(federation, ModelFiles.Tensors, manifest.Version, manifest.Sha256, tensors),
                store.SaveContentAsync(federation, ModelFiles.ServerState, manifest.Version, manifest.StateSha256, serverState));
            var receipt = await model.CommitAsync(new ModelCommit(manifest, promote));
            if (receipt.Outcome == CommitOutcome.Committed)
            {
                return manifest;
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

        return await LoadAsync(manifest);
    }

    /// <summary>The last version a run published, with the server's state; null when it published none. A commit that was cut
    /// off before the pointer is finished, so that the version is also in use if it was to be.</summary>
    public async Task<(ModelManifest Manifest, ServerState State)?> FindLastAsync(RunContext run, bool promote)
    {
        var federation = run.Request.Federation;
        var model = grains.GetGrain<IModelGrain>(federation);
        var summary = await model.GetSummaryAsync();
        var line = summary.Versions.LastOrDefault(version => version.RunId == GrainKeys.RunId(run.RunKey));
        if (line is null || await model.GetManifestAsync(line.Version) is not { } manifest)
        {
            return null;
        }

        await model.CommitAsync(new ModelCommit(manifest, promote));
        var tensors = await store.LoadContentAsync(federation, ModelFiles.Tensors, manifest.Version, manifest.Sha256);
        var serverState = await store.LoadContentAsync(federation, ModelFiles.ServerState, manifest.Version, manifest.StateSha256);
        return (manifest, ModelFiles.ReadServerState(serverState, Safetensors.Read(tensors).Values));
    }

    private async Task<ReadOnlyMemory<float>> LoadAsync(ModelManifest manifest) =>
        Safetensors.Read(await store.LoadContentAsync(manifest.Federation, ModelFiles.Tensors, manifest.Version, manifest.Sha256)).Values;

    private ModelManifest ToManifest(
        RunContext run, RoundRecord round, long parent, ImmutableSortedDictionary<string, double> metrics, byte[] tensors, byte[] serverState) => new()
        {
            Federation = run.Request.Federation,
            Version = 0,
            Parent = parent,
            Learner = run.Learner.Name,
            RunId = GrainKeys.RunId(run.RunKey),
            Round = round.Round,
            Sha256 = Safetensors.Sha256(tensors),
            StateSha256 = Safetensors.Sha256(serverState),
            ConfigSha256 = RunRequests.Hash(run.Request),
            Tensors = [.. run.Learner.Parameters.Blocks.Select(block => new TensorShape(block.Name, block.Rows, block.Columns))],
            Participants = round.Participants,
            Metrics = metrics,
            CreatedAt = time.GetUtcNow(),
            Bytes = tensors.Length,
            DataSha256 = run.Dataset.Sha256,
        };
}
