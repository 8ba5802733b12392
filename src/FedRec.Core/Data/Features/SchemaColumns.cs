using System.Text.Json;
using FedRec.Core.Data.Readers;

namespace FedRec.Core.Data.Features;

/// <summary>The <c>columns</c> of a schema file.</summary>
internal static class SchemaColumns
{
    private const int MaxBuckets = 10_000;
    private static readonly JsonDocumentOptions s_options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Reads a schema file as JSON, in which comments and a last comma are allowed.</summary>
    /// <exception cref="DatasetException">The file cannot be read, or is not JSON.</exception>
    public static JsonDocument Parse(string file)
    {
        using var text = DataFile.OpenText(file);
        try
        {
            return JsonDocument.Parse(text.ReadToEnd(), s_options);
        }
        catch (JsonException e)
        {
            throw new DatasetException("The schema is not valid JSON.", $"Correct it at character {e.BytePositionInLine + 1} of the line or before.", file, e.LineNumber + 1, e);
        }
    }

    /// <summary>Reads the columns, each with the object that declares it.</summary>
    /// <param name="root">The schema.</param>
    /// <param name="more">Keys that a column may have beside <c>name</c>, <c>kind</c>, <c>values</c> and <c>buckets</c>.</param>
    /// <exception cref="DatasetException">A column is declared wrongly or twice.</exception>
    public static IReadOnlyList<(TableColumn Column, SchemaObject Source)> Read(SchemaObject root, params string[] more)
    {
        var columns = root.Children("columns", ["name", "kind", "values", "buckets", .. more]).Select(ReadColumn).ToList();
        if (columns.GroupBy(column => column.Column.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } repeated)
        {
            throw root.Wrong($"The column '{repeated.Key}' is declared {repeated.Count()} times", "Give each column a name of its own.");
        }

        return columns;
    }

    /// <summary>Refuses a schema without features.</summary>
    /// <exception cref="DatasetException">No column is numeric or categorical.</exception>
    public static void ThrowWithoutFeature(SchemaObject root, IEnumerable<TableColumn> columns)
    {
        if (columns.All(column => column.Feature is null))
        {
            throw root.Wrong("There is no feature", "Declare at least one numeric or categorical column.");
        }
    }

    private static (TableColumn Column, SchemaObject Source) ReadColumn(SchemaObject source)
    {
        var (name, kind) = (source.RequiredText("name"), source.Word<ColumnKind>("kind"));
        return (new TableColumn(name, kind, kind switch
        {
            ColumnKind.Numeric => FeatureColumn.Numeric(name),
            ColumnKind.Categorical => ReadCategorical(source, name),
            _ => null,
        }), source);
    }

    private static FeatureColumn ReadCategorical(SchemaObject source, string name)
    {
        var words = source.Words("values");
        if (source.Number("buckets", 2, MaxBuckets) is { } buckets)
        {
            return words.Count == 0 ? FeatureColumn.Hashed(name, (int)buckets)
                : throw source.Wrong($"{source.At("")} has both values and buckets", "Keep one of them.");
        }

        return words.Count > 0 ? new FeatureColumn(name, words)
            : throw source.Wrong($"{source.At("")} has no values", "List the agreed words as \"values\", or give a number of hash \"buckets\".");
    }
}
