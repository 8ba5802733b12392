using System.Globalization;
using System.Text;
using FedRec.Core.Data;
using FedRec.Core.Randomness;
using FedRec.Core.Tests.Data;

namespace FedRec.Core.Tests.Learners.FeatureModels;

/// <summary>Seeded tables with a known law, written as files and read back.</summary>
internal static class MadeTable
{
    private const string Features = """{"name":"a","kind":"numeric"},{"name":"b","kind":"numeric"},{"name":"c","kind":"categorical","values":["red","blue"]}""";

    public static string Schema(string label, string more = "") => $$"""{"columns":[{{Features}},{"name":"y","kind":"label",{{label}}}]{{more}}}""";

    public static string Label(string task) => task switch
    {
        "regression" => "\"task\":\"regression\",\"range\":[-10000,10000]",
        "binary" => "\"task\":\"binary\",\"values\":[\"no\",\"yes\"],\"positive\":\"yes\"",
        _ => "\"task\":\"multiclass\",\"values\":[\"low\",\"middle\",\"high\"]",
    };

    /// <summary>Rows whose label follows 3·(a − 1000)/50 − 2·b, or nothing.</summary>
    public static Dataset Open(string task, int rows = 1200, bool noise = false)
    {
        var random = SeedSequence.For(5, "made-table");
        var text = new StringBuilder("a,b,c,y\n");
        for (var row = 0; row < rows; row++)
        {
            var (a, b, red) = (random.NextGaussian(), random.NextGaussian(), random.NextInt32(2) == 0);
            var law = noise ? random.NextGaussian() : (3 * a) - (2 * b) + (red ? 1 : -1) + (0.5 * random.NextGaussian());
            var label = task switch
            {
                "regression" => (500 + (100 * law)).ToString("R", CultureInfo.InvariantCulture),
                "binary" => law > 0 ? "yes" : "no",
                _ => law < -2 ? "low" : law > 2 ? "high" : "middle",
            };
            text.AppendLine(CultureInfo.InvariantCulture, $"{1000 + (50 * a):R},{(row % 40 == 0 ? "" : b.ToString("R", CultureInfo.InvariantCulture))},{(red ? "red" : "blue")},{label}");
        }

        return Open(text.ToString(), Schema(Label(task)));
    }

    public static Dataset Open(string table, string schema)
    {
        using var folder = new TempFolder();
        return DatasetSource.Open(new DatasetOptions { Path = folder.Write("table.csv", table), Schema = folder.Write("schema.json", schema), MaxBadRowShare = 0.5 });
    }
}
