using System.Diagnostics.CodeAnalysis;

namespace FedRec.Core.Data;

/// <summary>Dense numbers 0…n−1 for original ids, in order of first appearance; the original ids are kept.</summary>
/// <remarks>Not thread-safe while ids are added; safe to read from many threads afterwards.</remarks>
public sealed class IdMap
{
    private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly List<string> _ids = [];

    /// <summary>Creates an empty map.</summary>
    public IdMap() => _lookup = _index.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Number of ids.</summary>
    public int Count => _ids.Count;

    /// <summary>The original id of a dense number.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No id has that number.</exception>
    public string this[int index] => _ids[index];

    /// <summary>The number of an id, given to it now if it is new.</summary>
    /// <param name="id">The original id; compared exactly.</param>
    public int GetOrAdd(ReadOnlySpan<char> id)
    {
        if (_lookup.TryGetValue(id, out var index))
        {
            return index;
        }

        var text = id.ToString();
        _index.Add(text, _ids.Count);
        _ids.Add(text);
        return _ids.Count - 1;
    }

    /// <summary>Looks an id up without adding it.</summary>
    public bool TryGet(ReadOnlySpan<char> id, [MaybeNullWhen(false)] out int index) => _lookup.TryGetValue(id, out index);
}
