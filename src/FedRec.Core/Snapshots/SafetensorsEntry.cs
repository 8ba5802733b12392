using System.Text.Json;
using FedRec.Core.Updates;
using static FedRec.Core.Snapshots.SafetensorsHeader;

namespace FedRec.Core.Snapshots;

/// <summary>What a header says of one tensor, checked by itself; how the tensors lie together is checked by <see cref="SafetensorsHeader"/>.</summary>
/// <param name="Block">Name and shape; a tensor of no or one dimension is one row.</param>
/// <param name="Start">Its first byte, counted from where the values begin.</param>
/// <param name="End">The byte behind its last.</param>
internal sealed record SafetensorsEntry(ParameterBlock Block, long Start, long End)
{
    /// <summary>Reads <c>"name": {"dtype": "F32", "shape": […], "data_offsets": [start, end]}</c>.</summary>
    /// <exception cref="InvalidDataException">It is not the entry of a float32 matrix, or its bytes are not as many as its shape wants.</exception>
    public static SafetensorsEntry Parse(JsonProperty property)
    {
        var name = Text(() => property.Name);
        var type = Member(name, property.Value, "dtype", JsonValueKind.String);
        if (!type.ValueEquals("F32"))
        {
            throw Invalid($"tensor '{name}' has dtype {type.GetRawText()}; only \"F32\" is read");
        }

        var (rows, columns) = ParseShape(name, property.Value);
        var bytes = rows * columns * sizeof(float);
        var offsets = Numbers(name, property.Value, "data_offsets");
        if (offsets.Length != 2 || offsets[0] < 0 || offsets[1] - offsets[0] != bytes)
        {
            throw Invalid($"tensor '{name}' of {rows} × {columns} values has data_offsets [{string.Join(", ", offsets)}], which are not {bytes} bytes");
        }

        return new SafetensorsEntry(new ParameterBlock(name, (int)rows, (int)columns), offsets[0], offsets[1]);
    }

    private static (long Rows, long Columns) ParseShape(string name, JsonElement entry)
    {
        var shape = Numbers(name, entry, "shape");
        var (rows, columns) = shape.Length switch
        {
            0 => (1, 1),
            1 => (1, shape[0]),
            2 => (shape[0], shape[1]),
            _ => throw Invalid($"tensor '{name}' has {shape.Length} dimensions; at most 2 are read"),
        };
        return rows is < 1 or > int.MaxValue || columns is < 1 or > int.MaxValue || rows * columns > int.MaxValue / sizeof(float)
            ? throw Invalid($"tensor '{name}' has {rows} × {columns} values; 1 to {int.MaxValue / sizeof(float)} are read")
            : (rows, columns);
    }

    private static JsonElement Member(string tensor, JsonElement element, string name, JsonValueKind kind) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) && member.ValueKind == kind
            ? member
            : throw Invalid($"tensor '{tensor}' has no {name} of JSON type {kind}");

    private static long[] Numbers(string tensor, JsonElement element, string name) =>
        [.. Member(tensor, element, name, JsonValueKind.Array).EnumerateArray().Select(number =>
            number.ValueKind == JsonValueKind.Number && number.TryGetInt64(out var value)
                ? value
                : throw Invalid($"tensor '{tensor}' has {number.GetRawText()} in {name}, which is not a whole number"))];
}
