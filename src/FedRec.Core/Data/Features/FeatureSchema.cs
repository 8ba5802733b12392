namespace FedRec.Core.Data.Features;

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
