using System.Globalization;
using FedRec.Core.Data.Readers;
using FedRec.Core.Randomness;

namespace FedRec.Core.Data.Features;

/// <summary>Reads a labelled table as a dataset: rows are users, see <see cref="LabelTask"/>.</summary>
internal static class LabelledTableReader
{
    /// <exception cref="DatasetException">A file is missing, lacks a declared column, or too many of its rows are bad.</exception>
    public static Dataset Open(string path, TableSchema schema, double maxBadRowShare)
    {
        var (rows, tally) = (new LabelledRows(schema), new RowTally(path));
        Read(path, schema, rows, tally, test: false);
        if (schema.Test.File is { } test)
        {
            Read(Beside(path, test), schema, rows, tally, test: true);
        }

        tally.Check(maxBadRowShare);
        var dataset = Build(Path.GetFileNameWithoutExtension(path), schema, rows, tally.Report(0) with { Notes = rows.Notes() });
        return dataset with { Protocol = dataset.Protocol + tally.BadRowsInWords };
    }

    private static string Beside(string path, string file) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path)) ?? ".", file);

    private static void Read(string file, TableSchema schema, LabelledRows rows, RowTally tally, bool test)
    {
        using var table = OpenTable(file, schema);
        using var labels = test && schema.Test.Labels is { } name ? TableFile.Open(Beside(file, name), ',', header: false) : null;
        var places = Places(file, schema, table, labels is not null);
        var (fields, label, id) = (new string[places.Length], schema.Find(ColumnKind.Label), schema.Find(ColumnKind.Id));
        for (var number = 1L; table.Read(); number++)
        {
            tally.Count();
            for (var i = 0; i < places.Length; i++)
            {
                fields[i] = table.Field(places[i]).Trim().ToString();
            }

            if (labels is not null)
            {
                fields[label] = labels.Read() ? labels.Field(0).Trim().ToString() : "";
            }

            var rowId = id >= 0 ? fields[id] : string.Create(CultureInfo.InvariantCulture, $"{(test ? "test-" : "")}{number}");
            if ((table.Fault is { } fault ? fault : places.Max() >= table.FieldCount ? $"it has {table.FieldCount} fields" : rows.Add(fields, rowId, test)) is { } reason)
            {
                tally.Refuse(table.Line, reason);
            }
        }
    }

    private static ITable OpenTable(string file, TableSchema schema) => TableFile.Open(file, schema.Delimiter, schema.Header);

    /// <summary>Where each declared column stands in the file; −1 for a label that stands in another.</summary>
    private static int[] Places(string file, TableSchema schema, ITable table, bool labelsElsewhere)
    {
        var (places, next) = (new int[schema.Columns.Count], 0);
        for (var i = 0; i < places.Length; i++)
        {
            var column = schema.Columns[i];
            var elsewhere = labelsElsewhere && column.Kind == ColumnKind.Label;
            places[i] = elsewhere ? -1 : schema.Header ? table.Columns.ToList().IndexOf(column.Name) : next++;
            if (!elsewhere && (places[i] < 0 || places[i] >= table.Columns.Count))
            {
                throw new DatasetException(
                    $"There is no column '{column.Name}', which {schema.File} declares.",
                    schema.Header ? NearestName.Hint(column.Name, table.Columns) : $"The file has {table.Columns.Count} columns; declare those.", file, ParquetTable.HasExtension(file) ? null : 1);
            }
        }

        return places;
    }

    private static Dataset Build(string name, TableSchema schema, LabelledRows rows, LoadReport report)
    {
        var drawn = schema.Test.File is null && schema.Find(ColumnKind.Split) < 0;
        if (drawn)
        {
            Draw(rows.IsTest, schema.Test);
        }

        var items = new IdMap();
        foreach (var label in schema.Classes)
        {
            items.GetOrAdd(label);
        }

        var features = new FeatureTable(schema.Features, [.. rows.Values]);
        var none = new UserItems(new int[rows.Labels.Count + 1], []) { Features = features };
        return new Dataset(
            name, rows.Ids, items, ItemCatalogue.FromIds(items), Pack(schema, rows, features, test: false), none, Pack(schema, rows, features, test: true),
            Protocol(schema, drawn), report)
        {
            Task = schema.Task,
            Parties = schema.Find(ColumnKind.Party) < 0 ? null : new UserParties([.. Enumerable.Range(0, rows.Parties.Count).Select(party => rows.Parties[party])], [.. rows.PartyOf]),
        };
    }

    private static void Draw(List<bool> isTest, TestRows test)
    {
        var rows = Enumerable.Range(0, isTest.Count).ToArray();
        var random = SeedSequence.For(test.Seed, "table-split");
        random.Shuffle<int>(rows);
        foreach (var row in rows.Take((int)(rows.Length * test.Share)))
        {
            isTest[row] = true;
        }
    }

    private static UserItems Pack(TableSchema schema, LabelledRows rows, FeatureTable features, bool test)
    {
        var regression = schema.Task.Kind == LabelKind.Regression;
        var (offsets, items, ratings) = (new int[rows.Labels.Count + 1], new List<int>(), new List<float>());
        for (var row = 0; row < rows.Labels.Count; row++)
        {
            if (rows.IsTest[row] == test)
            {
                items.Add(regression ? 0 : (int)rows.Labels[row]);
                ratings.Add(rows.Labels[row]);
            }

            offsets[row + 1] = items.Count;
        }

        return new UserItems(offsets, [.. items], regression ? [.. ratings] : null) { Features = features };
    }

    private static string Protocol(TableSchema schema, bool drawn) => (schema.Test.File is { } file ? $"test rows of {file}"
        : drawn ? string.Create(CultureInfo.InvariantCulture, $"{schema.Test.Share:P0} of the rows held out (seed {schema.Test.Seed})")
        : "explicit train/test split") + ", predicted from features alone";
}
