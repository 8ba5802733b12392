namespace FedRec.Core.Data.Features;

/// <summary>What a column of a labelled table is for.</summary>
internal enum ColumnKind
{
    Numeric,
    Categorical,
    Label,
    Id,
    Party,
    Split,
    Ignore,
}

/// <summary>A declared column.</summary>
/// <param name="Name">Its name; in a file with a header, the name that stands there.</param>
/// <param name="Kind">What it is for.</param>
/// <param name="Feature">For a feature: how its values are encoded.</param>
internal sealed record TableColumn(string Name, ColumnKind Kind, FeatureColumn? Feature = null);

/// <summary>Where the test rows are.</summary>
/// <param name="File">A second file, beside the first unless the path says otherwise; null for a share of the first.</param>
/// <param name="Labels">A file with one label per line of <paramref name="File"/>, which then has no label column; null when it has.</param>
/// <param name="Share">Share of the rows that is held out, unless a split column or a file says which.</param>
/// <param name="Seed">Seed of that draw.</param>
internal sealed record TestRows(string? File, string? Labels, double Share, ulong Seed);

/// <summary>The declaration of a labelled table that all parties have agreed on.</summary>
/// <param name="File">The file it was read from, as the user named it.</param>
/// <param name="Header">Whether the first line of a data file names the columns.</param>
/// <param name="Delimiter">What separates fields; null to find out.</param>
/// <param name="Columns">The columns; without a header, in the order of the file.</param>
/// <param name="Task">What is predicted.</param>
/// <param name="Classes">The classes; of a regression the name of the target.</param>
/// <param name="Test">Where the test rows are.</param>
internal sealed record TableSchema(
    string File, bool Header, char? Delimiter, IReadOnlyList<TableColumn> Columns, LabelTask Task, IReadOnlyList<string> Classes, TestRows Test)
{
    /// <summary>The features in their order.</summary>
    public FeatureSchema Features { get; } = new([.. Columns.Select(column => column.Feature).OfType<FeatureColumn>()]);

    /// <summary>The position of the first column of a kind; −1 when there is none.</summary>
    public int Find(ColumnKind kind) => Columns.ToList().FindIndex(column => column.Kind == kind);
}
