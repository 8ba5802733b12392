namespace FedRec.Core.Data.Features;

/// <summary>One feature: a number, or a word of an agreed vocabulary.</summary>
/// <param name="Name">Name of the column.</param>
/// <param name="Vocabulary">The words of a categorical feature; empty for a numeric one.</param>
public sealed record FeatureColumn(string Name, IReadOnlyList<string> Vocabulary)
{
    /// <summary>Declares a numeric feature.</summary>
    public static FeatureColumn Numeric(string name) => new(name, []);

    /// <summary>Whether the values are words.</summary>
    public bool IsCategorical => Vocabulary.Count > 0;

    /// <summary>Values that the encoded feature has: 1 for a number, the words and the unknown bucket for a categorical one.</summary>
    public int Width => IsCategorical ? Vocabulary.Count + 1 : 1;

    /// <summary>The position of a word; that of the unknown bucket for any other word.</summary>
    public int Encode(string word)
    {
        for (var i = 0; i < Vocabulary.Count; i++)
        {
            if (string.Equals(Vocabulary[i], word, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return Vocabulary.Count;
    }
}
