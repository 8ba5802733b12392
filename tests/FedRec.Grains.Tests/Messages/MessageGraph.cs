using System.Collections;
using System.Globalization;
using System.Reflection;

namespace FedRec.Grains.Tests.Messages;

/// <summary>Walks everything inside a message: its records, collections and leaves, each with the path that leads to it.</summary>
internal static class MessageGraph
{
    /// <summary>All nodes, the message itself first. A node is a leaf when nothing below it is visited.</summary>
    public static IEnumerable<(string Path, object? Value, bool IsLeaf)> Nodes(object? value, string path = "")
    {
        if (IsLeaf(value))
        {
            yield return (path, value, true);
            yield break;
        }

        yield return (path, value, false);
        foreach (var (name, child) in Children(value!))
        {
            foreach (var node in Nodes(child, $"{path}{name}"))
            {
                yield return node;
            }
        }
    }

    /// <summary>Every leaf as text, one per line: equal texts mean equal values.</summary>
    public static string Text(object? value) => string.Join('\n', Nodes(value).Where(node => node.IsLeaf).Select(node => $"{node.Path} = {Leaf(node.Value)}"));

    private static bool IsLeaf(object? value) => value switch
    {
        null or string or ReadOnlyMemory<byte> or ReadOnlyMemory<float> or byte[] or float[] or DateTimeOffset or DateOnly or TimeSpan or Guid or SiloAddress => true,
        _ => value.GetType() is { IsPrimitive: true } or { IsEnum: true },
    };

    private static IEnumerable<(string Name, object? Child)> Children(object value)
    {
        if (value is IEnumerable many)
        {
            return IsDefault(value) ? [] : many.Cast<object?>().Select((child, i) => (string.Create(CultureInfo.InvariantCulture, $"[{i}]"), child));
        }

        return value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetIndexParameters().Length == 0 && (value is not Exception || IsSaid(value, property)))
            .Select(property => ($".{property.Name}", property.GetValue(value)))
            .Concat(value.GetType().GetFields(BindingFlags.Public | BindingFlags.Instance).Select(field => ($".{field.Name}", field.GetValue(value))));
    }

    // Of an exception only what it says travels, not where it was thrown.
    private static bool IsSaid(object exception, PropertyInfo property) =>
        property.DeclaringType == exception.GetType() || property.Name == nameof(Exception.Message);

    // An ImmutableArray that was never set cannot be enumerated.
    private static bool IsDefault(object value) => value.GetType().GetProperty("IsDefault")?.GetValue(value) is true;

    private static string Leaf(object? value) => value switch
    {
        null => "null",
        ReadOnlyMemory<byte> bytes => Convert.ToHexString(bytes.Span),
        byte[] bytes => Convert.ToHexString(bytes),
        ReadOnlyMemory<float> floats => string.Join(' ', floats.ToArray().Select(f => f.ToString("R", CultureInfo.InvariantCulture))),
        DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
