using FedRec.Core.Updates;

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

/// <summary>Named float32 tensors of one model version, as stored and sent.</summary>
/// <param name="Layout">Names and shapes.</param>
/// <param name="Values">Length of the layout; must not change any more.</param>
public sealed record ModelSnapshot(ParameterLayout Layout, ReadOnlyMemory<float> Values);

/// <summary>The rules for what names stored model content; every store applies the same ones, so that content can move between stores.</summary>
public static class ModelKey
{
    /// <summary>Longest name of a federation or of content, in characters.</summary>
    public const int MaxNameLength = 100;

    /// <summary>Checks the name of a federation.</summary>
    /// <param name="federation">1 to 100 ASCII letters, digits, dots, dashes, underscores; begins and ends with a letter or digit.</param>
    /// <exception cref="ArgumentException">The name breaks the rule.</exception>
    public static void CheckFederation(string federation) => CheckText(federation, nameof(federation), "federation");

    /// <summary>Checks the name of content inside a version.</summary>
    /// <param name="name">As for a federation, such as <c>tensors.safetensors</c>.</param>
    /// <exception cref="ArgumentException">The name breaks the rule.</exception>
    public static void CheckName(string name) => CheckText(name, nameof(name), "content");

    /// <summary>Checks a version.</summary>
    /// <param name="version">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public static void CheckVersion(long version) => ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);

    /// <summary>Checks the form of a content hash.</summary>
    /// <param name="sha256">64 lower-case hexadecimal digits.</param>
    /// <exception cref="ArgumentException">Not of that form.</exception>
    public static void CheckHash(string sha256)
    {
        ArgumentNullException.ThrowIfNull(sha256);
        if (sha256.Length != 64 || !sha256.All(char.IsAsciiHexDigitLower))
        {
            throw new ArgumentException($"'{sha256}' is not a SHA-256 of 64 lower-case hexadecimal digits.", nameof(sha256));
        }
    }

    /// <summary>Checks that content has the hash it is stored under.</summary>
    /// <param name="sha256">64 lower-case hexadecimal digits.</param>
    /// <param name="content">The bytes.</param>
    /// <exception cref="ArgumentException">The content has another hash.</exception>
    public static void CheckContent(string sha256, ReadOnlySpan<byte> content)
    {
        CheckHash(sha256);
        var actual = Safetensors.Sha256(content);
        if (actual != sha256)
        {
            throw new ArgumentException($"The content has the SHA-256 {actual}, not {sha256}.", nameof(sha256));
        }
    }

    private static void CheckText(string value, string parameter, string what)
    {
        ArgumentException.ThrowIfNullOrEmpty(value, parameter);
        if (value.Length > MaxNameLength || !value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
            || !char.IsAsciiLetterOrDigit(value[0]) || !char.IsAsciiLetterOrDigit(value[^1]))
        {
            throw new ArgumentException(
                $"'{value}' is not a {what} name: 1 to {MaxNameLength} letters, digits, dots, dashes or underscores, with a letter or digit first and last.", parameter);
        }
    }
}
