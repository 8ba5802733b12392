using FedRec.Contracts.Clients;
using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;
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
    private static readonly TimeSpan s_readingEnds = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_settled = TimeSpan.FromMinutes(1); // a silo looks at the pointer twice in a second
    private (long Version, ReadOnlyMemory<byte> Content) _read; // while somebody reads it part by part, and no longer: it may be 400 MB
    private IGrainTimer? _forget;
    private long _replaced; // the version that was in use until a moment ago: who has not heard of the change goes on with it
    private IGrainTimer? _settle;

    private string Federation => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        saved.State = await saved.State.BringForwardAsync(
            store, Federation, (latest, version) => LogBroughtForward(Federation, latest, version), (version, damage) => LogManifestDamaged(Federation, version, damage), cancellationToken);
        await SettleAsync(); // what a silo that ended had not deleted yet
    }

    public async Task<CommitReceipt> CommitAsync(ModelCommit commit, CancellationToken cancellationToken = default)
    {
        var manifest = commit.Manifest;
        if (manifest.Version <= saved.State.Latest)
        {
            return await RepeatAsync(commit, cancellationToken);
        }

        if (await StoreAsync(manifest) is not { } stored)
        {
            await WriteAsync(saved.State with { Latest = manifest.Version }); // what is stored there is damaged: its number is taken for good
            return Receipt(CommitOutcome.Conflict);
        }

        var next = saved.State.Add(stored);
        if (!IsSame(stored, manifest))
        {
            await WriteAsync(next); // somebody else's manifest: its number is taken for good
            return Receipt(CommitOutcome.Conflict);
        }

        return await DecideAsync(next, stored, commit.Policy);
    }

    public Task<long> GetNextVersionAsync(CancellationToken cancellationToken = default) => Task.FromResult(saved.State.Latest + 1);

    public Task<ModelSummary> GetSummaryAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult(saved.State.ToSummary());

    public Task<ModelManifest?> GetManifestAsync(long version, CancellationToken cancellationToken = default) =>
        saved.State.Find(version) is not null ? LoadManifestAsync(version, cancellationToken) : Task.FromResult<ModelManifest?>(null);

    public async Task<ContentSlice?> ReadContentAsync(long version, long offset, int count, CancellationToken cancellationToken = default)
    {
        if (await GetManifestAsync(version, cancellationToken) is not { } manifest)
        {
            return null;
        }

        var content = _read.Version == version ? _read.Content
            : await store.LoadContentAsync(Federation, ModelFiles.Tensors, version, manifest.Sha256, cancellationToken); // checked whole: a part has no hash
        var start = (int)Math.Clamp(offset, 0, content.Length);
        var slice = content.Slice(start, Math.Clamp(count, 0, Math.Min(ParameterSlice.MostBytes, content.Length - start)));
        Hold(version, start + slice.Length < content.Length ? content : default);
        return new ContentSlice(content.Length, slice.ToArray());
    }

    public async Task<ReadOnlyMemory<byte>?> ReadCatalogueAsync(long version, CancellationToken cancellationToken = default) =>
        await GetManifestAsync(version, cancellationToken) is { CatalogueSha256: { Length: > 0 } sha256 }
            ? await store.LoadContentAsync(Federation, ModelFiles.Catalogue, version, sha256, cancellationToken)
            : null;

    public async Task<bool> PromoteAsync(long version, CancellationToken cancellationToken = default)
    {
        if (saved.State.Find(version) is null)
        {
            return false;
        }

        await WriteAsync(saved.State.Promote(version));
        return true;
    }

    public async Task<bool> PinAsync(long version, bool pinned, CancellationToken cancellationToken = default)
    {
        if (saved.State.Find(version) is not { } line)
        {
            return false;
        }

        if (line.Pinned != pinned)
        {
            await WriteAsync(saved.State.Pin(version, pinned));
        }

        return true;
    }

    public Task RetireAsync(ErasedChanges counted, CancellationToken cancellationToken = default) => WriteAsync(saved.State.Retire(counted));

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
        if (!IsSame(await FindManifestAsync(version, cancellationToken), commit.Manifest))
        {
            return Receipt(CommitOutcome.Conflict);
        }

        return saved.State.Find(version) is { Promotion: null } && version == saved.State.Latest // an older one must not replace what came after it
            ? await DecideAsync(saved.State, commit.Manifest, commit.Policy)
            : Receipt(CommitOutcome.Committed, version);
    }

    private async Task<CommitReceipt> DecideAsync(ModelState next, ModelManifest manifest, PromotionPolicy policy)
    {
        var serving = next.Serving == 0 || next.Serving == manifest.Version ? null : await FindManifestAsync(next.Serving, CancellationToken.None); // a damaged one is no rival
        var decision = serving is null && policy == PromotionPolicy.IfBetter && next.Serving != 0 && next.Serving != manifest.Version
            ? new PromotionDecision(true, $"version {next.Serving}, in use before, is damaged in the store", next.Serving)
            : Promotion.Decide(policy, manifest, serving, next.Bar);
        await WriteAsync(next.Decide(manifest.Version, decision, Promotion.BarAfter(policy, manifest, serving, next.Bar)).Trim(options.Value.Keep));
        return Receipt(CommitOutcome.Committed, manifest.Version);
    }

    private void Hold(long version, ReadOnlyMemory<byte> content)
    {
        _read = content.IsEmpty ? default : (version, content);
        _forget?.Dispose();
        _forget = content.IsEmpty ? null : this.RegisterGrainTimer(ForgetAsync, new GrainTimerCreationOptions(s_readingEnds, Timeout.InfiniteTimeSpan));
    }

    private Task ForgetAsync()
    {
        Hold(0, default);
        return Task.CompletedTask;
    }

    private static bool IsSame(ModelManifest? one, ModelManifest other) =>
        one is not null && one.Sha256 == other.Sha256 && one.RunId == other.RunId && one.Round == other.Round;

    private CommitReceipt Receipt(CommitOutcome outcome, long version = 0) =>
        new(outcome, saved.State.Latest + 1) { Promotion = saved.State.Find(version)?.Promotion };

    private Task<ModelManifest?> LoadManifestAsync(long version, CancellationToken cancellationToken) => store.ReadManifestAsync(Federation, version, cancellationToken);

    // As LoadManifestAsync, but what is damaged counts as not there.
    private async Task<ModelManifest?> FindManifestAsync(long version, CancellationToken cancellationToken)
    {
        try
        {
            return await LoadManifestAsync(version, cancellationToken);
        }
        catch (InvalidDataException damage)
        {
            LogManifestDamaged(Federation, version, damage);
            return null;
        }
    }

    // The manifest that is stored under the number, which may be somebody else's; null where that is damaged.
    private async Task<ModelManifest?> StoreAsync(ModelManifest manifest)
    {
        try
        {
            return ModelFiles.ReadManifest((await store.SaveManifestAsync(Federation, manifest.Version, ModelFiles.WriteManifest(manifest), CancellationToken.None)).Span);
        }
        catch (InvalidDataException damage)
        {
            LogManifestDamaged(Federation, manifest.Version, damage);
            return null;
        }
    }

    private async Task SettleAsync()
    {
        _replaced = 0;
        if (!ReferenceEquals(saved.State.WithoutRetired(spared: 0), saved.State))
        {
            await WriteAsync(saved.State);
        }
    }

    private async Task WriteAsync(ModelState next)
    {
        if (next.Serving != saved.State.Serving && saved.State.Serving > 0)
        {
            _replaced = saved.State.Serving;
            _settle?.Dispose();
            _settle = this.RegisterGrainTimer(SettleAsync, new GrainTimerCreationOptions(s_settled, Timeout.InfiniteTimeSpan));
        }

        var kept = next.WithoutRetired(_replaced);
        foreach (var version in Missing(next, kept))
        {
            await store.DeleteVersionAsync(Federation, version, CancellationToken.None); // first: what is not listed any more is certified to be gone
        }

        var dropped = Missing(saved.State, next);
        saved.State = kept;
        await saved.WriteOrDeactivateAsync(this);

        foreach (var version in dropped)
        {
            await store.DeleteVersionAsync(Federation, version, CancellationToken.None); // only after nothing points at it
        }
    }

    private static long[] Missing(ModelState before, ModelState after) => [.. before.Versions.Select(line => line.Version).Except(after.Versions.Select(line => line.Version))];

    // No warning: nothing is lost, and nobody has to do anything.
    [LoggerMessage(LogLevel.Information, "Federation {Federation}: the pointer was at version {Latest}, but version {Version} is stored; brought forward")]
    private partial void LogBroughtForward(string federation, long latest, long version);

    [LoggerMessage(LogLevel.Error, "Federation {Federation}: the manifest of version {Version} is damaged in the store; the version counts as not there, and its number is not used again")]
    private partial void LogManifestDamaged(string federation, long version, Exception damage);
}
