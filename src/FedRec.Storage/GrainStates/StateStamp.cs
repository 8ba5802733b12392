using Azure.Storage.Blobs.Models;
using FedRec.Core.Snapshots;

namespace FedRec.Storage.GrainStates;

/// <summary>What is written beside a state, in the blob's metadata, to recognise one's own write and damaged bytes.</summary>
/// <param name="WriteId">Random, one per write; the same in every attempt of it.</param>
/// <param name="Sha256">Of the bytes.</param>
internal sealed record StateStamp(string WriteId, string Sha256)
{
    private const string WriteIdKey = "fedrec_write_id";
    private const string Sha256Key = "fedrec_sha256";

    public static StateStamp For(BinaryData content) => new(Guid.NewGuid().ToString("N"), Safetensors.Sha256(content));

    public Dictionary<string, string> ToMetadata() => new() { [WriteIdKey] = WriteId, [Sha256Key] = Sha256 };

    /// <summary>Whether the stored blob is the result of this write.</summary>
    public bool IsOf(BlobProperties stored) => stored.Metadata.TryGetValue(WriteIdKey, out var id) && id == WriteId;

    /// <summary>Checks bytes against their stamp; a blob of the official provider has none and passes.</summary>
    /// <exception cref="InvalidDataException">The bytes are not those that were written.</exception>
    public static void Check(BinaryData content, IDictionary<string, string> metadata, Uri blob)
    {
        if (metadata.TryGetValue(Sha256Key, out var expected) && Safetensors.Sha256(content) is var actual && actual != expected)
        {
            throw new InvalidDataException(
                $"The grain state in {blob} is damaged: the SHA-256 of its {content.ToMemory().Length} bytes is {actual}, not {expected}. Restore the blob, or delete it to start without that state.");
        }
    }
}
