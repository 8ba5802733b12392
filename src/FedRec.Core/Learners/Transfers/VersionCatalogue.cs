using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedRec.Core.Catalogues;
using FedRec.Core.Data.Features;
using FedRec.Core.Snapshots;

namespace FedRec.Core.Learners.Transfers;

/// <summary>What the rows of a version's tensors stand for, and under which learner: with the tensors, all that scoring needs beside a user's history.</summary>
/// <remarks>A file of JSON beside the tensors and not metadata in them, whose bytes are the identity of a model; it is the same for all versions of a
/// run. Equal catalogues give equal bytes. What is in it is public: ids, names and features of items, names of the columns that users have.</remarks>
public sealed record VersionCatalogue
{
    /// <summary>What <see cref="Format"/> says in files of this form.</summary>
    public const string CurrentFormat = "fedrec-catalogue-1";

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>The form of the file.</summary>
    public string Format { get; init; } = CurrentFormat;

    /// <summary>Name of the learner.</summary>
    public required string Learner { get; init; }

    /// <summary>The learner's options, all of them with the values that held.</summary>
    public required IReadOnlyDictionary<string, string> Options { get; init; }

    /// <summary>Original item ids: row i of a tensor with a row for each item is of item i.</summary>
    public required IReadOnlyList<string> Items { get; init; }

    /// <summary>Whether interactions carried ratings. Default: false.</summary>
    public bool HasRatings { get; init; }

    /// <summary>Lowest and highest rating; null without ratings.</summary>
    public IReadOnlyList<float>? RatingScale { get; init; }

    /// <summary>Whether interactions carried times. Default: false.</summary>
    public bool HasTimes { get; init; }

    /// <summary>Features of the items, which the towers of <c>two-tower</c> see; null when there are none.</summary>
    public CatalogueFeatures? ItemFeatures { get; init; }

    /// <summary>Columns of the users' features, without rows; null when there are none.</summary>
    public CatalogueFeatures? UserFeatures { get; init; }

    /// <summary>What <c>mlp</c> predicts; null for interactions.</summary>
    public LabelTask? Task { get; init; }

    /// <summary>Of a run.</summary>
    /// <param name="catalogue">The items.</param>
    /// <param name="shape">What interactions carry.</param>
    /// <param name="learner">The learner.</param>
    /// <param name="options">Its options as given.</param>
    public static VersionCatalogue Of(FederationCatalogue catalogue, FederationShape shape, LearnerDescriptor learner, IReadOnlyDictionary<string, string> options) => new()
    {
        Learner = learner.Name,
        Options = learner.Resolved(options),
        Items = [.. Enumerable.Range(0, catalogue.Items.Count).Select(item => catalogue.Items[item])],
        HasRatings = shape.HasRatings,
        RatingScale = shape.RatingScale is { } scale ? [scale.Lowest, scale.Highest] : null,
        HasTimes = shape.HasTimes,
        ItemFeatures = catalogue.Features is { } table ? CatalogueFeatures.Of(table.Schema) with { Rows = [.. Enumerable.Range(0, table.Count).Select(row => table.Row(row).ToArray())] } : null,
        UserFeatures = shape.UserFeatures is { } users ? CatalogueFeatures.Of(users) : null,
        Task = shape.Task,
    };

    /// <summary>The federation as the learner saw it.</summary>
    /// <param name="clients">Clients, at least 1.</param>
    public FederationShape Shape(int clients) => new(Items.Count, clients, HasRatings, RatingScale: RatingScale is [var lowest, var highest] ? (lowest, highest) : null)
    {
        HasTimes = HasTimes,
        UserFeatures = UserFeatures?.Schema,
        ItemFeatures = ItemFeatures is { Rows: { } rows } ? new FeatureTable(ItemFeatures.Schema, [.. rows.SelectMany(row => row)]) : null,
        Task = Task,
    };

    /// <summary>The bytes of the file: UTF-8.</summary>
    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, s_json);

    /// <summary>SHA-256 of these bytes.</summary>
    [JsonIgnore]
    public string Sha256 => Safetensors.Sha256(Write());

    /// <summary>Reads a file. Options that came later than it have the values that held then.</summary>
    /// <param name="file">The bytes of the file.</param>
    /// <param name="find">Finds a learner by its name.</param>
    /// <exception cref="InvalidDataException">It is not of this form.</exception>
    /// <exception cref="ArgumentException">There is no such learner.</exception>
    public static VersionCatalogue Read(ReadOnlySpan<byte> file, Func<string, LearnerDescriptor> find)
    {
        try
        {
            return JsonSerializer.Deserialize<VersionCatalogue>(file, s_json) is { Format: CurrentFormat } catalogue
                ? catalogue with { Options = find(catalogue.Learner).Completed(catalogue.Options) }
                : throw new InvalidDataException($"Not a readable catalogue of a version: its format is not {CurrentFormat}.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"Not a readable catalogue of a version: {exception.Message}", exception);
        }
    }
}

/// <summary>Columns of features, and a row for each item where they are public.</summary>
public sealed record CatalogueFeatures
{
    /// <summary>The columns in their order.</summary>
    public required IReadOnlyList<FeatureColumn> Columns { get; init; }

    /// <summary>A value for each column: a number as it was read, or the position of a word; null where rows are not public.</summary>
    public IReadOnlyList<float[]>? Rows { get; init; }

    /// <summary>The columns as learners see them.</summary>
    [JsonIgnore]
    public FeatureSchema Schema => new(Columns);

    internal static CatalogueFeatures Of(FeatureSchema schema) => new() { Columns = schema.Columns };
}
