using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using Orleans.Concurrency;

namespace FedRec.Contracts.Models;

/// <summary>The versions of one federation's model and which of them is in use; the key is the federation's name.</summary>
[Alias("fedrec.model")]
public interface IModelGrain : IGrainWithStringKey
{
    /// <summary>Commits a version whose tensors are already stored: manifest first, then the pointer.</summary>
    /// <param name="commit">The version; repeating the same commit gives the same answer.</param>
    /// <param name="cancellationToken">Ends the wait; the version may have been committed.</param>
    /// <returns>The committed version.</returns>
    [Alias("commit")]
    Task<CommitReceipt> CommitAsync(ModelCommit commit, CancellationToken cancellationToken = default);

    /// <summary>The number the next version must have.</summary>
    [Alias("next")]
    Task<long> GetNextVersionAsync(CancellationToken cancellationToken = default);

    /// <summary>Versions, latest and serving.</summary>
    [Alias("summary"), ReadOnly]
    Task<ModelSummary> GetSummaryAsync(CancellationToken cancellationToken = default);

    /// <summary>One version's manifest, or null when there is no such version.</summary>
    [Alias("manifest"), ReadOnly]
    Task<ModelManifest?> GetManifestAsync(long version, CancellationToken cancellationToken = default);

    /// <summary>A version's tensors as a safetensors file, in parts.</summary>
    /// <param name="version">The version.</param>
    /// <param name="offset">First byte wanted.</param>
    /// <param name="count">Bytes wanted, at most 16 MiB.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The part; null when there is no such version.</returns>
    [Alias("content"), ReadOnly]
    Task<ContentSlice?> ReadContentAsync(long version, long offset, int count, CancellationToken cancellationToken = default);

    /// <summary>What the rows of a version's tensors are of: item ids in order, learner, options and public features, as JSON.</summary>
    /// <returns>The file; null when there is no such version, or it is one of before there were catalogues.</returns>
    [Alias("catalogue"), ReadOnly]
    Task<ReadOnlyMemory<byte>?> ReadCatalogueAsync(long version, CancellationToken cancellationToken = default);

    /// <summary>Puts a version in use; recommendations follow within a second.</summary>
    /// <returns>False when there is no such version; nothing has changed.</returns>
    [Alias("promote")]
    Task<bool> PromoteAsync(long version, CancellationToken cancellationToken = default);

    /// <summary>Puts the version back in use that was in use before the present one.</summary>
    /// <returns>The version now in use; null when there is none to go back to.</returns>
    [Alias("rollback")]
    Task<long?> RollbackAsync(CancellationToken cancellationToken = default);

    /// <summary>Keeps a version whatever is published later, or no longer does.</summary>
    /// <param name="version">The version.</param>
    /// <param name="pinned">Whether retention must spare it.</param>
    /// <param name="cancellationToken">Ends the wait; it may have been pinned.</param>
    /// <returns>False when there is no such version; nothing has changed.</returns>
    [Alias("pin")]
    Task<bool> PinAsync(long version, bool pinned, CancellationToken cancellationToken = default);

    /// <summary>Retires the versions of some runs, those that are still to come too: deletes them, except the version in use, the newest and pinned ones, which are deleted
    /// once another version is in their place or they are unpinned. Durable when it returns; may be repeated.</summary>
    /// <param name="counted">The runs.</param>
    /// <param name="cancellationToken">Ends the wait; they may have been retired.</param>
    [Alias("retire")]
    Task RetireAsync(ErasedChanges counted, CancellationToken cancellationToken = default);
}

/// <summary>A part of a stored file.</summary>
/// <param name="TotalBytes">Bytes of the whole file.</param>
/// <param name="Bytes">The part asked for.</param>
[GenerateSerializer, Immutable, Alias("fedrec.content-slice")]
public sealed record ContentSlice(
    [property: Id(0)] long TotalBytes,
    [property: Id(1)] ReadOnlyMemory<byte> Bytes);

/// <summary>A version ready to be committed.</summary>
/// <param name="Manifest">Its manifest; the version is what <see cref="IModelGrain.GetNextVersionAsync"/> said.</param>
/// <param name="Policy">Whether it is put in use at once.</param>
[GenerateSerializer, Immutable, Alias("fedrec.model-commit")]
public sealed record ModelCommit(
    [property: Id(0)] ModelManifest Manifest,
    [property: Id(2)] PromotionPolicy Policy);

/// <summary>Answer to a commit.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="NextVersion">The number the next version must have.</param>
[GenerateSerializer, Immutable, Alias("fedrec.commit-receipt")]
public sealed record CommitReceipt(
    [property: Id(0)] CommitOutcome Outcome,
    [property: Id(1)] long NextVersion)
{
    /// <summary>Whether the committed version was put in use, and why; null with another outcome, and for versions of older programs.</summary>
    [Id(2)] public PromotionDecision? Promotion { get; init; }
}

/// <summary>What became of a commit.</summary>
[GenerateSerializer, Alias("fedrec.commit-outcome")]
public enum CommitOutcome
{
    /// <summary>Committed, now or by an earlier try.</summary>
    Committed = 0,

    /// <summary>The number is taken by another version; store the tensors again under <see cref="CommitReceipt.NextVersion"/>.</summary>
    Conflict = 1,
}

/// <summary>Versions of a model.</summary>
/// <param name="Latest">Highest committed version; 0 when there is none.</param>
/// <param name="Serving">Version in use; 0 when there is none.</param>
/// <param name="Versions">Kept versions, oldest first.</param>
[GenerateSerializer, Immutable, Alias("fedrec.model-summary")]
public sealed record ModelSummary(
    [property: Id(0)] long Latest,
    [property: Id(1)] long Serving,
    [property: Id(2)] ImmutableArray<ModelVersionLine> Versions)
{
    /// <summary>The version that was in use before the present one, which a rollback puts back; 0 for none.</summary>
    [Id(3)] public long Previous { get; init; }
}

/// <summary>One version in a list.</summary>
[GenerateSerializer, Immutable, Alias("fedrec.model-version-line")]
public sealed record ModelVersionLine(
    [property: Id(0)] long Version,
    [property: Id(1)] string Learner,
    [property: Id(2)] string RunId,
    [property: Id(3)] int Round,
    [property: Id(4)] string Sha256,
    [property: Id(5)] DateTimeOffset CreatedAt)
{
    /// <summary>Somebody wants it kept whatever is published later. Default: false.</summary>
    [Id(6)] public bool Pinned { get; init; }

    /// <summary>Whether it was put in use when it was published, and why; null for versions of older programs.</summary>
    [Id(7)] public PromotionDecision? Promotion { get; init; }
}
