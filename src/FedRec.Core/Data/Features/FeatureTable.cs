namespace FedRec.Core.Data.Features;

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
