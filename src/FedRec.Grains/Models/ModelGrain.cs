using FedRec.Contracts.Models;
using FedRec.Core.Snapshots;
using Microsoft.Extensions.Options;

namespace FedRec.Grains.Models;

/// <summary>Holds the pointer to a federation's model versions; the content is in the <see cref="IModelStore"/>.</summary>
/// <remarks>A version exists once its manifest is stored. When the pointer is behind the manifests — a crash between the two
/// writes, or a store that lost its last writes — it is brought forward on activation, so that no number is ever used twice.</remarks>
internal sealed partial class ModelGrain(
    [PersistentState("model", GrainsSetup.StorageName)] IPersistentState<ModelState> saved,
    IModelStore store,
    IOptions<ModelOptions> options,
    ILogger<ModelGrain> log) : Grain, IModelGrain
{
    private readonly HashSet<long> _unfinished = []; // committed as far as the manifest; the pointer was never written
    private (string Name, long Version, ReadOnlyMemory<byte> Content) _lastRead;

    private string Federation => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var highest = await store.FindHighestVersionAsync(Federation, cancellationToken);
        for (var version = saved.State.Latest + 1; version <= highest; version++)
        {
            if (await LoadManifestAsync(version, cancellationToken) is { } manifest)
            {
                LogBroughtForward(Federation, saved.State.Latest, version);
                saved.State = saved.State.Add(manifest);
                _unfinished.Add(version);
            }
        }
    }

    public async Task<CommitReceipt> CommitAsync(ModelCommit commit, CancellationToken cancellationToken = default)
    {
        var manifest = commit.Manifest;
        if (manifest.Version <= saved.State.Latest)
        {
            return await RepeatAsync(commit, cancellationToken);
        }

        var stored = ModelFiles.ReadManifest((await store.SaveManifestAsync(Federation, manifest.Version, ModelFiles.WriteManifest(manifest), CancellationToken.None)).Span);
        var next = saved.State.Add(stored);
        if (!IsSame(stored, manifest))
        {
            await WriteAsync(next); // somebody else's manifest: its number is taken for good
            return Receipt(CommitOutcome.Conflict);
        }

        await WriteAsync((commit.Promote ? next.Promote(stored.Version) : next).Trim(options.Value.Keep));
        return Receipt(CommitOutcome.Committed);
    }

    public Task<long> GetNextVersionAsync(CancellationToken cancellationToken = default) => Task.FromResult(saved.State.Latest + 1);

    public Task<ModelSummary> GetSummaryAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult(new ModelSummary(saved.State.Latest, saved.State.Serving, saved.State.Versions));

    public Task<ModelManifest?> GetManifestAsync(long version, CancellationToken cancellationToken = default) =>
        saved.State.Has(version) ? LoadManifestAsync(version, cancellationToken) : Task.FromResult<ModelManifest?>(null);

    public async Task<ContentSlice?> ReadContentAsync(long version, long offset, int count, CancellationToken cancellationToken = default)
    {
        if (await GetManifestAsync(version, cancellationToken) is not { } manifest)
        {
            return null;
        }

        if (_lastRead.Version != version || _lastRead.Name != ModelFiles.Tensors)
        {
            _lastRead = (ModelFiles.Tensors, version, await store.LoadContentAsync(Federation, ModelFiles.Tensors, version, manifest.Sha256, cancellationToken));
        }

        var content = _lastRead.Content;
        var start = (int)Math.Clamp(offset, 0, content.Length);
        return new ContentSlice(content.Length, content.Slice(start, Math.Clamp(count, 0, content.Length - start)));
    }

    public async Task<bool> PromoteAsync(long version, CancellationToken cancellationToken = default)
    {
        if (!saved.State.Has(version))
        {
            return false;
        }

        await WriteAsync(saved.State.Promote(version));
        return true;
    }

    public async Task<long?> RollbackAsync(CancellationToken cancellationToken = default)
    {
        var back = saved.State.Rollback();
        if (ReferenceEquals(back, saved.State))
        {
            return null;
        }

        await WriteAsync(back);
        return back.Serving;
    }

    // A repeat changes nothing, unless the first try was cut off before the pointer: then it is finished now.
    private async Task<CommitReceipt> RepeatAsync(ModelCommit commit, CancellationToken cancellationToken)
    {
        var version = commit.Manifest.Version;
        if (!IsSame(await LoadManifestAsync(version, cancellationToken), commit.Manifest))
        {
            return Receipt(CommitOutcome.Conflict);
        }

        if (_unfinished.Remove(version))
        {
            var newest = version == saved.State.Latest; // an older one must not replace what came after it
            await WriteAsync((commit.Promote && newest ? saved.State.Promote(version) : saved.State).Trim(options.Value.Keep));
        }

        return Receipt(CommitOutcome.Committed);
    }

    private static bool IsSame(ModelManifest? one, ModelManifest other) =>
        one is not null && one.Sha256 == other.Sha256 && one.RunId == other.RunId && one.Round == other.Round;

    private CommitReceipt Receipt(CommitOutcome outcome) => new(outcome, saved.State.Latest + 1);

    private async Task<ModelManifest?> LoadManifestAsync(long version, CancellationToken cancellationToken) =>
        await store.LoadManifestAsync(Federation, version, cancellationToken) is { } json ? ModelFiles.ReadManifest(json.Span) : null;

    private async Task WriteAsync(ModelState next)
    {
        var dropped = saved.State.Versions.Except(next.Versions).Select(line => line.Version).ToArray();
        saved.State = next;
        await saved.WriteOrDeactivateAsync(this);

        foreach (var version in dropped)
        {
            await store.DeleteVersionAsync(Federation, version, CancellationToken.None); // only after nothing points at it
        }
    }

    [LoggerMessage(LogLevel.Warning, "Federation {Federation}: the pointer was at version {Latest}, but version {Version} is stored; brought forward")]
    private partial void LogBroughtForward(string federation, long latest, long version);
}
