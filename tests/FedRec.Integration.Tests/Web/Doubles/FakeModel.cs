using System.Security.Cryptography;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Models;

namespace FedRec.Integration.Tests.Web.Doubles;

/// <summary>The versions of one federation's model, with their bytes.</summary>
internal sealed class FakeModel
{
    private readonly string _federation;
    private readonly List<(ModelManifest Manifest, byte[] Bytes)> _versions = [];
    private readonly Stack<long> _served = [];
    private readonly HashSet<long> _pinned = [];

    public FakeModel(string federation)
    {
        _federation = federation;
        Grain = new ModelGrain(this);
    }

    public IModelGrain Grain { get; }

    public long Serving => _served.TryPeek(out var version) ? version : 0;

    /// <summary>Slices that were read.</summary>
    public List<(long Offset, int Count)> Reads { get; } = [];

    /// <summary>Commits a version and puts it in use.</summary>
    public ModelManifest Add(byte[] bytes, string runId = "run-1", int round = 1)
    {
        var manifest = new ModelManifest
        {
            Federation = _federation,
            Version = _versions.Count + 1,
            Parent = _versions.Count,
            Learner = "mf",
            RunId = runId,
            Round = round,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)),
            ConfigSha256 = new string('c', 64),
            Tensors = [new TensorShape("items", 4, 2)],
            CreatedAt = new DateTimeOffset(2026, 3, 14, 9, 30, 0, TimeSpan.Zero).AddSeconds(_versions.Count),
            Bytes = bytes.Length,
        };
        _versions.Add((manifest, bytes));
        _served.Push(manifest.Version);
        return manifest;
    }

    private (ModelManifest Manifest, byte[] Bytes)? Find(long version) =>
        version >= 1 && version <= _versions.Count ? _versions[(int)version - 1] : null;

    private sealed class ModelGrain(FakeModel model) : IModelGrain
    {
        public Task<ModelSummary> GetSummaryAsync(CancellationToken cancellationToken) => Task.FromResult(new ModelSummary(
            model._versions.Count, model.Serving,
            [.. model._versions.Select(v => new ModelVersionLine(
                v.Manifest.Version, v.Manifest.Learner, v.Manifest.RunId, v.Manifest.Round, v.Manifest.Sha256, v.Manifest.CreatedAt)
                {
                    Pinned = model._pinned.Contains(v.Manifest.Version),
                    Promotion = new PromotionDecision(true, "no version was in use", 0),
                })])
        {
            Previous = model._served.Skip(1).FirstOrDefault(),
        });

        public Task<ModelManifest?> GetManifestAsync(long version, CancellationToken cancellationToken) =>
            Task.FromResult(model.Find(version)?.Manifest);

        public Task<ContentSlice?> ReadContentAsync(long version, long offset, int count, CancellationToken cancellationToken)
        {
            model.Reads.Add((offset, count));
            return Task.FromResult(model.Find(version) is var (_, bytes)
                ? new ContentSlice(bytes.Length, bytes.AsMemory((int)offset, (int)Math.Min(count, bytes.Length - offset))) : null);
        }

        public Task<ReadOnlyMemory<byte>?> ReadCatalogueAsync(long version, CancellationToken cancellationToken) =>
            Task.FromResult(model.Find(version) is { } && version > 1 ? "{}"u8.ToArray() : default(ReadOnlyMemory<byte>?)); // the first is one of before

        public Task<bool> PromoteAsync(long version, CancellationToken cancellationToken)
        {
            var known = model.Find(version) is not null;
            if (known)
            {
                model._served.Push(version);
            }

            return Task.FromResult(known);
        }

        public Task<long?> RollbackAsync(CancellationToken cancellationToken)
        {
            if (model._served.Count < 2)
            {
                return Task.FromResult<long?>(null);
            }

            model._served.Pop();
            return Task.FromResult<long?>(model.Serving);
        }

        public Task RetireAsync(ErasedChanges counted, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> PinAsync(long version, bool pinned, CancellationToken cancellationToken)
        {
            var known = model.Find(version) is not null;
            if (known)
            {
                _ = pinned ? model._pinned.Add(version) : model._pinned.Remove(version);
            }

            return Task.FromResult(known);
        }

        public Task<CommitReceipt> CommitAsync(ModelCommit commit, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<long> GetNextVersionAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
