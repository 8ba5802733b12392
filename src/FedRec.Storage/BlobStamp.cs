using Azure.Storage.Blobs.Models;
using FedRec.Core.Snapshots;

namespace FedRec.Storage;

/// <summary>What is written beside the bytes of a blob, in its metadata, to recognise one's own write and damaged bytes.</summary>
/// <param name="WriteId">Random, one per write; the same in every attempt of it.</param>
/// <param name="Sha256">Of the bytes as they are stored: where they are encrypted it tells nothing of the content.</param>
internal sealed record BlobStamp(string WriteId, string Sha256)
{
    private const string WriteIdKey = "fedrec_write_id";
    private const string Sha256Key = "fedrec_sha256";

    public static BlobStamp For(BinaryData content) => new(Guid.NewGuid().ToString("N"), Safetensors.Sha256(content));

    public void AddTo(IDictionary<string, string> metadata) => (metadata[WriteIdKey], metadata[Sha256Key]) = (WriteId, Sha256);

    /// <summary>Whether metadata hold a stamp.</summary>
    public static bool IsIn(IDictionary<string, string> metadata) => metadata.ContainsKey(Sha256Key);

    /// <summary>Whether the stored blob is the result of this write.</summary>
    public bool IsOf(BlobProperties stored) => stored.Metadata.TryGetValue(WriteIdKey, out var id) && id == WriteId;

    /// <summary>Compares bytes with their stamp; bytes of the official provider, or of a program before there were stamps, have none and pass.</summary>
    /// <returns>In what they differ from those that were written; null where they do not.</returns>
    public static string? DamageOf(BinaryData content, IDictionary<string, string> metadata) =>
        metadata.TryGetValue(Sha256Key, out var expected) && Safetensors.Sha256(content) is var actual && actual != expected
            ? $"the SHA-256 of its {content.ToMemory().Length} bytes is {actual}, not {expected}" : null;
}
