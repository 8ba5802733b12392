using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using FedRec.Core.Updates;

namespace FedRec.Core.Snapshots;

/// <summary>Writes and reads model parameters in the safetensors format.</summary>
/// <remarks>The file is the length of the header (8 bytes, little-endian), the header (JSON, padded with spaces to a multiple of 8
/// bytes) and the values (little-endian float32, row-major, without gaps). Equal input gives equal bytes: blocks keep the order of the
/// layout and metadata is ordered by key, because the hash of these bytes is the identity of a model.
/// Format: huggingface/safetensors, "Format" in its README.</remarks>
public static class Safetensors
{
    /// <summary>Bytes in front of the header.</summary>
    internal const int PrefixLength = 8;

    /// <summary>Key of the optional string map in the header; no tensor may have this name.</summary>
    internal const string MetadataKey = "__metadata__";

    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a snapshot; every block becomes a tensor of two dimensions.</summary>
    /// <param name="snapshot">Layout of P values and the values.</param>
    /// <param name="metadata">Text beside the tensors, such as the learner's name. Default: none.</param>
    /// <returns>The bytes of the file.</returns>
    /// <exception cref="ArgumentException">The values do not have the length of the layout, or a block has the name <c>__metadata__</c>.</exception>
    public static byte[] Write(ModelSnapshot snapshot, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        if (snapshot.Values.Length != snapshot.Layout.Length)
        {
            throw new ArgumentException($"The layout has {snapshot.Layout.Length} values but {snapshot.Values.Length} are given.", nameof(snapshot));
        }

        var header = WriteHeader(snapshot.Layout, metadata);
        var headerLength = (header.Length + 7) / 8 * 8;
        var file = new byte[checked(PrefixLength + headerLength + (snapshot.Values.Length * sizeof(float)))];
        BinaryPrimitives.WriteUInt64LittleEndian(file, (ulong)headerLength);
        header.CopyTo(file.AsSpan(PrefixLength));
        file.AsSpan(PrefixLength + header.Length, headerLength - header.Length).Fill((byte)' ');
        CopyLittleEndian(MemoryMarshal.AsBytes(snapshot.Values.Span), file.AsSpan(PrefixLength + headerLength));
        return file;
    }

    /// <summary>Reads a snapshot; tensors of no or one dimension become one row.</summary>
    /// <param name="file">The bytes of the file; they are copied.</param>
    /// <returns>The tensors in the order in which their values lie in the file.</returns>
    /// <exception cref="InvalidDataException">The bytes are not a safetensors file of float32 tensors; the message says where they break the format.</exception>
    public static ModelSnapshot Read(ReadOnlyMemory<byte> file)
    {
        var header = SafetensorsHeader.Parse(file);
        var values = new float[header.Layout.Length];
        CopyLittleEndian(file.Span[header.ValuesStart..], MemoryMarshal.AsBytes(values.AsSpan()));
        return new ModelSnapshot(header.Layout, values);
    }

    /// <summary>Reads the text beside the tensors; empty when the file has none.</summary>
    /// <param name="file">The bytes of the file.</param>
    /// <exception cref="InvalidDataException">As for <see cref="Read"/>.</exception>
    public static IReadOnlyDictionary<string, string> ReadMetadata(ReadOnlyMemory<byte> file) => SafetensorsHeader.Parse(file).Metadata;

    /// <summary>The identity of stored bytes: SHA-256 in lower-case hexadecimal, 64 characters.</summary>
    /// <param name="content">The bytes.</param>
    public static string Sha256(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static ReadOnlySpan<byte> WriteHeader(ParameterLayout layout, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, s_json);
        json.WriteStartObject();
        WriteMetadata(json, metadata);
        for (var i = 0; i < layout.Blocks.Length; i++)
        {
            WriteTensor(json, layout.Blocks[i], layout.Offset(i) * (long)sizeof(float));
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan;
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string>? metadata)
    {
        if (metadata is null || metadata.Count == 0)
        {
            return;
        }

        json.WriteStartObject(MetadataKey);
        foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    private static void WriteTensor(Utf8JsonWriter json, ParameterBlock block, long start)
    {
        if (block.Name == MetadataKey)
        {
            throw new ArgumentException($"A block must not have the name {MetadataKey}: the format keeps it for metadata.", nameof(block));
        }

        json.WriteStartObject(block.Name);
        json.WriteString("dtype", "F32");
        json.WriteStartArray("shape");
        json.WriteNumberValue(block.Rows);
        json.WriteNumberValue(block.Columns);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(start);
        json.WriteNumberValue(start + (block.Length * (long)sizeof(float)));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void CopyLittleEndian(ReadOnlySpan<byte> from, Span<byte> to)
    {
        if (BitConverter.IsLittleEndian)
        {
            from.CopyTo(to);
            return;
        }

        for (var i = 0; i < from.Length; i += sizeof(float))
        {
            BinaryPrimitives.WriteUInt32BigEndian(to[i..], BinaryPrimitives.ReadUInt32LittleEndian(from[i..]));
        }
    }
}
