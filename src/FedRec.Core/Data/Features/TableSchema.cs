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

/// <summary>Reads the JSON declaration of a labelled table.</summary>
/// <remarks>Keys: <c>header</c> (true unless said), <c>delimiter</c>, <c>columns</c> and <c>test</c>. A column has a <c>name</c> and a <c>kind</c>: <c>numeric</c>;
/// <c>categorical</c> with <c>values</c> or a number of hash <c>buckets</c>; <c>label</c> with a <c>task</c> (<c>regression</c> with its <c>range</c>,
/// <c>binary</c> or <c>multiclass</c> with their <c>values</c> and the <c>positive</c> one, the last unless said); <c>id</c>, <c>party</c>, <c>split</c>
/// (train or test) or <c>ignore</c>. <c>test</c> names a <c>file</c>, with its <c>labels</c> in another if it has none, or a <c>share</c> (0.2 unless said) and a <c>seed</c>.</remarks>
internal static class TableSchemaReader
{
    /// <exception cref="DatasetException">The file cannot be read, or something in it is wrong.</exception>
    public static TableSchema Read(string file)
    {
        using var document = SchemaColumns.Parse(file);
        var root = new SchemaObject(file, document.RootElement, "", "header", "delimiter", "columns", "test");
        var columns = SchemaColumns.Read(root, "task", "positive", "range");
        CheckKinds(root, columns);
        SchemaColumns.ThrowWithoutFeature(root, columns.Select(column => column.Column));
        var (task, classes) = ReadTask(columns.Single(column => column.Column.Kind == ColumnKind.Label));
        return new TableSchema(file, root.Flag("header") ?? true, ReadDelimiter(root), [.. columns.Select(column => column.Column)], task, classes, ReadTest(root));
    }

    private static void CheckKinds(SchemaObject root, IReadOnlyList<(TableColumn Column, SchemaObject Source)> columns)
    {
        foreach (var kind in new[] { ColumnKind.Label, ColumnKind.Id, ColumnKind.Party, ColumnKind.Split })
        {
            var count = columns.Count(column => column.Column.Kind == kind);
            if (count > 1 || (kind == ColumnKind.Label && count == 0))
            {
                throw root.Wrong($"{count} columns are of the kind {kind.ToString().ToLowerInvariant()}", kind == ColumnKind.Label ? "Declare one label." : "Declare at most one.");
            }
        }
    }

    private static (LabelTask Task, IReadOnlyList<string> Classes) ReadTask((TableColumn Column, SchemaObject Source) label)
    {
        var (source, words) = (label.Source, label.Source.Words("values"));
        var kind = source.Word<LabelKind>("task");
        if (kind == LabelKind.Regression)
        {
            var range = source.List("range").Select(value => value.TryGetSingle(out var number) ? number : float.NaN).ToList();
            return range is [var low, var high] && low < high && float.IsFinite(high - low) ? (new LabelTask(kind, -1, low, high), [label.Column.Name])
                : throw source.Wrong($"{source.At("range")} must be the agreed smallest and largest label", "Write it as \"range\": [0, 100].");
        }

        if (kind == LabelKind.Binary ? words.Count != 2 : words.Count < 3)
        {
            throw source.Wrong($"{source.At("values")} has {words.Count} classes", kind == LabelKind.Binary ? "A binary label needs 2." : "A multiclass label needs at least 3; with 2 it is binary.");
        }

        var positive = source.Text("positive") is { } given ? words.ToList().IndexOf(given) : words.Count - 1;
        return positive >= 0 ? (new LabelTask(kind, positive), words)
            : throw source.Wrong($"{source.At("positive")} is none of the values", $"It must be one of {string.Join(", ", words)}.");
    }

    private static char? ReadDelimiter(SchemaObject root) => root.Text("delimiter") switch
    {
        null => null,
        [var one] => one,
        var other => throw root.Wrong($"delimiter is '{other}'", "It must be one character, such as \";\" or \"\\t\"."),
    };

    private static TestRows ReadTest(SchemaObject root)
    {
        var test = root.Child("test", "file", "labels", "share", "seed");
        var (file, labels, share) = (test?.Text("file"), test?.Text("labels"), test?.Number("share", 0, 0.9));
        return (file is null && labels is not null) || (file is not null && share is not null)
            ? throw root.Wrong("test must be a file, with labels if it has none, or a share", "Leave out what does not belong.")
            : new TestRows(file, labels, share ?? 0.2, (ulong)(test?.Number("seed", 0, long.MaxValue) ?? 1));
    }
}
