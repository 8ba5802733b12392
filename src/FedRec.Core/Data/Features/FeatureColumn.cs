using System.Globalization;

namespace FedRec.Core.Data.Features;

/// <summary>One feature: a number, or a word of an agreed vocabulary.</summary>
/// <param name="Name">Name of the column.</param>
/// <param name="Vocabulary">The words of a categorical feature; empty for a numeric one.</param>
public sealed record FeatureColumn(string Name, IReadOnlyList<string> Vocabulary)
{
    /// <summary>Whether words are hashed to the places of the vocabulary, for words that nobody can list beforehand. Default: false.</summary>
    public bool IsHashed { get; init; }

    /// <summary>Declares a categorical feature whose words are hashed; different words may share a bucket.</summary>
    /// <param name="name">Name of the column.</param>
    /// <param name="buckets">Places, at least 2.</param>
    public static FeatureColumn Hashed(string name, int buckets) => new(name, [.. Enumerable.Range(0, buckets).Select(bucket => $"bucket {bucket}")]) { IsHashed = true };

    /// <summary>Declares a numeric feature.</summary>
    public static FeatureColumn Numeric(string name) => new(name, []);

    /// <summary>Whether the values are words.</summary>
    public bool IsCategorical => Vocabulary.Count > 0;

    /// <summary>Values that the encoded feature has: 1 for a number, the words and the unknown bucket for a categorical one.</summary>
    public int Width => IsCategorical ? Vocabulary.Count + 1 : 1;

    /// <summary>The position of a word; that of the unknown bucket for any other word, or for no word where words are hashed.</summary>
    public int Encode(string word)
    {
        if (IsHashed)
        {
            return word.Length == 0 ? Vocabulary.Count : Bucket(word);
        }

        for (var i = 0; i < Vocabulary.Count; i++)
        {
            if (string.Equals(Vocabulary[i], word, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return Vocabulary.Count;
    }

    /// <summary>A value in words, such as <c>age = 41</c> or <c>job = nurse</c>.</summary>
    /// <param name="value">A number, or the position of a word; not a number, or beyond the vocabulary, where nothing is known.</param>
    public string Describe(float value) => IsCategorical
        ? value < Vocabulary.Count ? $"{Name} = {Vocabulary[(int)value]}" : $"{Name} unknown"
        : float.IsNaN(value) ? $"{Name} unknown" : string.Create(CultureInfo.InvariantCulture, $"{Name} = {value:0.####}");

    // FNV-1a, mixed: the same on every machine, so that parties agree without talking.
    private int Bucket(string word)
    {
        var hash = 14695981039346656037UL;
        foreach (var letter in word)
        {
            hash = unchecked((hash ^ letter) * 1099511628211UL);
        }

        return (int)(Training.SeedSequence.Mix(hash) % (ulong)Vocabulary.Count);
    }
}
