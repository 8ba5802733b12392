using System.Buffers.Binary;
using System.Text.Json;
using FedRec.Core.Updates;

namespace FedRec.Core.Snapshots;

/// <summary>The checked header of a safetensors file: what Read may trust afterwards.</summary>
/// <param name="Layout">Tensors in the order of their values.</param>
/// <param name="Metadata">Text beside the tensors.</param>
/// <param name="ValuesStart">Where the values begin in the file, in bytes.</param>
internal sealed record SafetensorsHeader(ParameterLayout Layout, IReadOnlyDictionary<string, string> Metadata, int ValuesStart)
{
    // The limit of the reference implementation: a header is small, and a hostile one must not cost memory.
    private const int MaxHeaderLength = 100_000_000;

    private static readonly JsonDocumentOptions s_json = new() { MaxDepth = 4, AllowDuplicateProperties = false };

    public static SafetensorsHeader Parse(ReadOnlyMemory<byte> file)
    {
        var valuesStart = Safetensors.PrefixLength + HeaderLength(file.Span);
        using var json = ParseJson(file[Safetensors.PrefixLength..valuesStart]);
        var (tensors, metadata) = ParseEntries(json.RootElement);
        return new SafetensorsHeader(LayOut(tensors, file.Length - valuesStart), metadata, valuesStart);
    }

    private static (List<SafetensorsEntry> Tensors, Dictionary<string, string> Metadata) ParseEntries(JsonElement root)
    {
        var metadata = new Dictionary<string, string>();
        var tensors = new List<SafetensorsEntry>();
        try
        {
            foreach (var property in root.EnumerateObject())
            {
                if (property.NameEquals(Safetensors.MetadataKey))
                {
                    metadata = ParseMetadata(property.Value);
                }
                else
                {
                    tensors.Add(SafetensorsEntry.Parse(property));
                }
            }
        }
        catch (InvalidOperationException e) // text that is no valid Unicode shows when it is first read
        {
            throw Invalid($"its header holds text that is not valid: {e.Message}", e);
        }

        return (tensors, metadata);
    }

    private static int HeaderLength(ReadOnlySpan<byte> file)
    {
        if (file.Length < Safetensors.PrefixLength)
        {
            throw Invalid($"it has {file.Length} bytes; the header length alone takes {Safetensors.PrefixLength}");
        }

        var length = BinaryPrimitives.ReadUInt64LittleEndian(file);
        if (length > MaxHeaderLength)
        {
            throw Invalid($"its header claims {length} bytes; at most {MaxHeaderLength} are allowed");
        }

        if (length > (ulong)(file.Length - Safetensors.PrefixLength))
        {
            throw Invalid($"its header claims {length} bytes but only {file.Length - Safetensors.PrefixLength} follow; the file is cut off");
        }

        return (int)length;
    }

    private static JsonDocument ParseJson(ReadOnlyMemory<byte> header)
    {
        JsonDocument json;
        try
        {
            json = JsonDocument.Parse(header, s_json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the second: a name that is not valid text
        {
            throw Invalid($"its header is not valid JSON: {e.Message}", e);
        }

        if (json.RootElement.ValueKind == JsonValueKind.Object)
        {
            return json;
        }

        using (json)
        {
            throw Invalid($"its header is a JSON {json.RootElement.ValueKind}, not an object");
        }
    }

    private static Dictionary<string, string> ParseMetadata(JsonElement map)
    {
        if (map.ValueKind != JsonValueKind.Object || map.EnumerateObject().Any(p => p.Value.ValueKind != JsonValueKind.String))
        {
            throw Invalid($"{Safetensors.MetadataKey} is not a map of text to text");
        }

        return map.EnumerateObject().ToDictionary(p => Text(() => p.Name), p => Text(() => p.Value.GetString()!));
    }

    // No gaps and no overlaps: every byte behind the header belongs to exactly one tensor.
    private static ParameterLayout LayOut(List<SafetensorsEntry> tensors, int available)
    {
        tensors.Sort((a, b) => a.Start.CompareTo(b.Start));
        var end = 0L;
        foreach (var tensor in tensors)
        {
            if (tensor.Start != end)
            {
                throw Invalid($"tensor '{tensor.Block.Name}' starts at byte {tensor.Start} of the values, but the tensors before it end at {end}");
            }

            end = tensor.End;
        }

        return end == available
            ? new ParameterLayout([.. tensors.Select(t => t.Block)])
            : throw Invalid($"its tensors take {end} bytes but {available} follow the header");
    }

    // A string such as "\ud800" is valid JSON but not valid text; the parser tells only when the text is asked for.
    internal static string Text(Func<string> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException e)
        {
            throw Invalid($"a text in its header is not valid UTF-16: {e.Message}", e);
        }
    }

    internal static InvalidDataException Invalid(string what, Exception? inner = null) => new($"Not a readable safetensors file: {what}.", inner);
}
