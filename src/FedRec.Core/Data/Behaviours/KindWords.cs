using System.Collections.Frozen;

namespace FedRec.Core.Data.Behaviours;

/// <summary>What the words or numbers of one data set say of kinds, beside the words that are known anyway.</summary>
internal sealed class KindWords
{
    private readonly FrozenDictionary<string, EventKind> _own;
    private readonly FrozenDictionary<string, EventKind>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    private KindWords(Dictionary<string, EventKind> own)
    {
        _own = own.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _lookup = _own.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Reads <c>0=view,2=cart,3=purchase</c>; null for no words of its own.</summary>
    /// <exception cref="ArgumentException">A part is not of this form, or a word comes twice.</exception>
    public static KindWords Parse(string? text)
    {
        var own = new Dictionary<string, EventKind>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in text?.Split(',') ?? [])
        {
            var sides = part.Split('=');
            if (sides.Length != 2 || sides[0].Trim().Length == 0 || !EventKinds.TryParse(sides[1], out var kind))
            {
                throw new ArgumentException($"The kind '{part.Trim()}' is not of the form word=kind with a kind of {EventKinds.Names}; write 0=view,2=cart,3=purchase, for example.");
            }

            if (!own.TryAdd(sides[0].Trim(), kind))
            {
                throw new ArgumentException($"The kinds '{text}' name the word '{sides[0].Trim()}' twice; name it once.");
            }
        }

        return new KindWords(own);
    }

    /// <summary>Reads a word of a file, trimmed.</summary>
    public bool TryParse(ReadOnlySpan<char> word, out EventKind kind) => _lookup.TryGetValue(word, out kind) || EventKinds.TryParse(word, out kind);
}
