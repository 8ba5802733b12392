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

        return (int)(Randomness.SeedSequence.Mix(hash) % (ulong)Vocabulary.Count);
    }
}

/// <summary>The columns that all parties have agreed on, in their order.</summary>
public sealed class FeatureSchema
{
    /// <summary>Declares columns.</summary>
    /// <exception cref="ArgumentException">There is no column, or a name comes twice.</exception>
    public FeatureSchema(IReadOnlyList<FeatureColumn> columns)
    {
        Columns = columns;
        if (columns.Count == 0)
        {
            throw new ArgumentException("A schema needs at least one feature.", nameof(columns));
        }

        var repeated = columns.GroupBy(column => column.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        if (repeated is not null)
        {
            throw new ArgumentException($"The feature '{repeated.Key}' is declared {repeated.Count()} times; each name must be used once.", nameof(columns));
        }
    }

    /// <summary>The columns.</summary>
    public IReadOnlyList<FeatureColumn> Columns { get; }
}

/// <summary>Feature values, a row for each user or item; read-only and shared.</summary>
/// <remarks>A numeric column holds the value as it was read, NaN where it is missing; a categorical column holds the position in the
/// agreed vocabulary, with the unknown bucket last.</remarks>
public sealed class FeatureTable
{
    private readonly float[] _values;

    /// <summary>Takes over the values, which must not change afterwards.</summary>
    /// <param name="schema">The columns.</param>
    /// <param name="values">Row after row, one value for each column.</param>
    /// <exception cref="ArgumentException">The values are no whole number of rows.</exception>
    public FeatureTable(FeatureSchema schema, float[] values)
    {
        (Schema, _values) = (schema, values);
        if (values.Length % schema.Columns.Count != 0)
        {
            throw new ArgumentException($"{values.Length} values are no whole number of rows of {schema.Columns.Count} columns.", nameof(values));
        }
    }

    /// <summary>What the columns are.</summary>
    public FeatureSchema Schema { get; }

    /// <summary>Number of rows.</summary>
    public int Count => _values.Length / Schema.Columns.Count;

    /// <summary>One row, a value for each column.</summary>
    public ReadOnlySpan<float> Row(int row) => _values.AsSpan(row * Schema.Columns.Count, Schema.Columns.Count);
}
