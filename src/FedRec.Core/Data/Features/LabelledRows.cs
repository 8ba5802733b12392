using System.Globalization;

namespace FedRec.Core.Data.Features;

/// <summary>What kind of label is predicted.</summary>
public enum LabelKind
{
    /// <summary>A number.</summary>
    Regression,

    /// <summary>One of two classes.</summary>
    Binary,

    /// <summary>One of several classes.</summary>
    Multiclass,
}

/// <summary>What is predicted from the features of a row.</summary>
/// <remarks>A labelled table is a dataset whose users are the rows. The items of a classification are its classes, of which each row has met
/// one; a regression has one item, which each row has rated with its label. Rounds, versions, serving and evaluation then need not tell it from
/// other data.</remarks>
/// <param name="Kind">What the label is.</param>
/// <param name="Positive">The class that AUC, recall and precision are about; −1 for a regression.</param>
/// <param name="Lowest">The smallest label of a regression.</param>
/// <param name="Highest">The largest label of a regression, above <paramref name="Lowest"/>.</param>
public sealed record LabelTask(LabelKind Kind, int Positive = -1, float Lowest = 0, float Highest = 1);

/// <summary>Collects the rows of a labelled table, or says why one cannot be used.</summary>
internal sealed class LabelledRows(TableSchema schema)
{
    private const float Largest = 1e15f; // squares of larger numbers do not fit into federated sums
    private readonly FeatureColumn[] _features = [.. schema.Features.Columns];
    private readonly long[] _unknown = new long[schema.Features.Columns.Count];
    private readonly HashSet<string>[] _hashed = [.. schema.Features.Columns.Select(_ => new HashSet<string>(StringComparer.Ordinal))];
    private readonly float[] _row = new float[schema.Features.Columns.Count];

    public IdMap Ids { get; } = new();

    public List<float> Values { get; } = [];

    /// <summary>Class of each row, or its number in a regression.</summary>
    public List<float> Labels { get; } = [];

    public List<bool> IsTest { get; } = [];

    public IdMap Parties { get; } = new();

    public List<int> PartyOf { get; } = [];

    /// <summary>Adds a row whose fields stand beside the schema's columns.</summary>
    /// <returns>Null; or what is wrong with the row, which is left out.</returns>
    public string? Add(string[] fields, string id, bool isTest)
    {
        var reason = ReadFeatures(fields) ?? ReadLabel(fields[schema.Find(ColumnKind.Label)], out var label)
            ?? ReadSplit(fields, ref isTest) ?? (Ids.TryGet(id, out _) ? $"the id '{id}' is there already" : id.Length == 0 ? "the id is missing" : null);
        var party = schema.Find(ColumnKind.Party) is >= 0 and var column ? fields[column] : null;
        if (reason is not null || party is { Length: 0 })
        {
            return reason ?? "the party is missing";
        }

        _ = ReadLabel(fields[schema.Find(ColumnKind.Label)], out label);
        Ids.GetOrAdd(id);
        Values.AddRange(_row);
        Labels.Add(label);
        IsTest.Add(isTest);
        PartyOf.Add(party is null ? 0 : Parties.GetOrAdd(party));
        CountUnusual(fields);
        return null;
    }

    /// <summary>What was missing, unknown or collided.</summary>
    public IReadOnlyList<string> Notes()
    {
        var notes = new List<string>();
        for (var i = 0; i < _features.Length; i++)
        {
            var feature = _features[i];
            if (_unknown[i] > 0)
            {
                notes.Add(FormattableString.Invariant($"{feature.Name}: {_unknown[i]} rows {(feature.IsCategorical ? "have a word outside the vocabulary, counted as unknown" : "have no number, which stands for the mean")}"));
            }

            var collisions = _hashed[i].Count - _hashed[i].Select(feature.Encode).Distinct().Count();
            if (collisions > 0)
            {
                notes.Add(FormattableString.Invariant($"{feature.Name}: {_hashed[i].Count} words in {feature.Vocabulary.Count} hash buckets, {collisions} of them share one with another word"));
            }
        }

        return notes;
    }

    private string? ReadFeatures(string[] fields)
    {
        var next = 0;
        for (var i = 0; i < schema.Columns.Count; i++)
        {
            if (schema.Columns[i].Feature is { } feature)
            {
                if (!TryEncode(feature, fields[i], out _row[next++]))
                {
                    return $"{feature.Name} is '{fields[i]}', which is no number within ±1e15";
                }
            }
        }

        return null;
    }

    private static bool TryEncode(FeatureColumn feature, string text, out float value)
    {
        value = feature.IsCategorical ? feature.Encode(text) : float.NaN;
        return feature.IsCategorical || text.Length == 0 || text.Equals("NA", StringComparison.OrdinalIgnoreCase) || text.Equals("NaN", StringComparison.OrdinalIgnoreCase)
            || (float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && Math.Abs(value) <= Largest);
    }

    private string? ReadLabel(string text, out float label)
    {
        label = 0;
        if (text.Length == 0)
        {
            return "the label is missing";
        }

        if (schema.Task.Kind != LabelKind.Regression)
        {
            label = schema.Classes.ToList().IndexOf(text);
            return label >= 0 ? null : $"the label '{text}' is none of {string.Join(", ", schema.Classes)}";
        }

        var (low, high) = (schema.Task.Lowest, schema.Task.Highest);
        return !float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out label) ? $"the label '{text}' is no number"
            : label >= low && label <= high ? null
            : FormattableString.Invariant($"the label {text} is outside the declared range of {low} to {high}");
    }

    private string? ReadSplit(string[] fields, ref bool isTest)
    {
        if (schema.Find(ColumnKind.Split) is not (>= 0 and var column))
        {
            return null;
        }

        isTest = fields[column].Equals("test", StringComparison.OrdinalIgnoreCase);
        return isTest || fields[column].Equals("train", StringComparison.OrdinalIgnoreCase) ? null : $"the split '{fields[column]}' is neither train nor test";
    }

    private void CountUnusual(string[] fields)
    {
        var next = 0;
        for (var i = 0; i < schema.Columns.Count; i++)
        {
            if (schema.Columns[i].Feature is { } feature)
            {
                _unknown[next] += feature.IsCategorical ? (_row[next] == feature.Vocabulary.Count ? 1 : 0) : float.IsNaN(_row[next]) ? 1 : 0;
                _ = feature.IsHashed && fields[i].Length > 0 && _hashed[next].Add(fields[i]);
                next++;
            }
        }
    }
}
