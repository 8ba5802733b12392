namespace FedRec.Core.Snapshots;

/// <summary>Durable, immutable model content: tensors by version and hash, and one manifest per version.</summary>
/// <remarks>The order of a commit is tensors, then manifest, then the pointer in the model grain: until the pointer moves nothing
/// refers to what was written, so every write may be repeated. Failures of the store are thrown, never hidden.</remarks>
public interface IModelStore
{
    /// <summary>Stores content under its version and hash; storing the same content again does nothing.</summary>
    /// <param name="federation">Name of the federation; letters, digits, dot, dash, underscore.</param>
    /// <param name="name">What it is, such as <c>tensors.safetensors</c>.</param>
    /// <param name="version">Model version, at least 1.</param>
    /// <param name="sha256">Lower-case hexadecimal SHA-256 of <paramref name="content"/>.</param>
    /// <param name="content">The bytes.</param>
    /// <param name="cancellationToken">Ends the wait; the content may have been stored.</param>
    /// <exception cref="ArgumentException"><paramref name="sha256"/> is not the hash of the content.</exception>
    Task SaveContentAsync(string federation, string name, long version, string sha256, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default);

    /// <summary>Loads content and checks its hash.</summary>
    /// <exception cref="FileNotFoundException">Nothing is stored under that version and hash.</exception>
    /// <exception cref="InvalidDataException">The stored bytes do not have the hash.</exception>
    Task<ReadOnlyMemory<byte>> LoadContentAsync(string federation, string name, long version, string sha256, CancellationToken cancellationToken = default);

    /// <summary>Stores a version's manifest unless that version already has one.</summary>
    /// <returns>The manifest that is now stored: the given one, or the one that was there first.</returns>
    Task<ReadOnlyMemory<byte>> SaveManifestAsync(string federation, long version, ReadOnlyMemory<byte> manifest, CancellationToken cancellationToken = default);

    /// <summary>Loads a version's manifest, or null when the version has none.</summary>
    Task<ReadOnlyMemory<byte>?> LoadManifestAsync(string federation, long version, CancellationToken cancellationToken = default);

    /// <summary>The highest version with a manifest, or 0. A number above the pointer tells that the pointer was lost.</summary>
    Task<long> FindHighestVersionAsync(string federation, CancellationToken cancellationToken = default);

    /// <summary>Deletes everything of a version; deleting twice does nothing.</summary>
    Task DeleteVersionAsync(string federation, long version, CancellationToken cancellationToken = default);
}
