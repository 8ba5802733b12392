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

/// <summary>An object of a schema file, whose values are read by key; what is wrong is said with file and key.</summary>
internal sealed class SchemaObject
{
    private readonly string _file;
    private readonly JsonElement _object;
    private readonly string _path;

    /// <exception cref="DatasetException">Not an object, or a key is unknown.</exception>
    public SchemaObject(string file, JsonElement value, string path, params string[] keys)
    {
        (_file, _object, _path) = (file, value, path);
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw Wrong($"{At("")} must be an object", "Write { … }.");
        }

        foreach (var key in value.EnumerateObject().Select(entry => entry.Name).Where(key => !keys.Contains(key, StringComparer.Ordinal)))
        {
            throw Wrong($"The key {At(key)} is unknown", NearestName.Hint(key, keys));
        }
    }

    public bool Has(string key) => _object.TryGetProperty(key, out _);

    public string? Text(string key) => Get(key, JsonValueKind.String, "a text") is { } value ? value.GetString() : null;

    public string RequiredText(string key) => Text(key) is { Length: > 0 } text ? text : throw Wrong($"{At(key)} is missing", $"Add \"{key}\".");

    public bool? Flag(string key) => !_object.TryGetProperty(key, out var value) ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Wrong($"{At(key)} is {value}", "It must be true or false.");

    public double? Number(string key, double low, double high)
    {
        if (Get(key, JsonValueKind.Number, "a number") is not { } value)
        {
            return null;
        }

        return value.TryGetDouble(out var number) && number >= low && number <= high ? number
            : throw Wrong(FormattableString.Invariant($"{At(key)} is {value}"), FormattableString.Invariant($"It must be {low} to {high}."));
    }

    public IReadOnlyList<JsonElement> List(string key) => Get(key, JsonValueKind.Array, "a list") is { } value ? [.. value.EnumerateArray()] : [];

    /// <summary>The objects of a list.</summary>
    public IEnumerable<SchemaObject> Children(string key, params string[] keys) => List(key).Select((value, i) => new SchemaObject(_file, value, At($"{key}[{i}]"), keys));

    /// <summary>Different words.</summary>
    public IReadOnlyList<string> Words(string key)
    {
        var words = List(key).Select(value => value.ValueKind is JsonValueKind.String or JsonValueKind.Number ? value.ToString()
            : throw Wrong($"{At(key)} holds {value}", "It must be a list of words.")).ToList();
        return words.Distinct(StringComparer.Ordinal).Count() == words.Count ? words : throw Wrong($"{At(key)} holds a word twice", "Give each word once.");
    }

    public T Word<T>(string key)
        where T : struct, Enum
    {
        var (text, names) = (RequiredText(key), Enum.GetNames<T>().Select(name => name.ToLowerInvariant()).ToList());
        return names.Contains(text) ? Enum.Parse<T>(text, ignoreCase: true) : throw Wrong($"{At(key)} is '{text}'", NearestName.Hint(text, names));
    }

    public SchemaObject? Child(string key, params string[] keys) => _object.TryGetProperty(key, out var value) ? new SchemaObject(_file, value, At(key), keys) : null;

    public DatasetException Wrong(string what, string next) => new($"{what}.", next, _file);

    public string At(string key) => string.Join('.', new[] { _path, key }.Where(part => part.Length > 0)) is { Length: > 0 } path ? path : "The schema";

    private JsonElement? Get(string key, JsonValueKind kind, string what) => !_object.TryGetProperty(key, out var value) ? null
        : value.ValueKind == kind ? value
        : throw Wrong($"{At(key)} is {value}", $"It must be {what}.");
}
