using Parquet;
using Parquet.Schema;

namespace FedRec.Core.Tests.Data;

/// <summary>Writes small Parquet files with the library itself.</summary>
internal static class ParquetFile
{
    /// <param name="file">Written anew.</param>
    /// <param name="columns">Arrays of equal length, of text or of numbers that may be null.</param>
    public static Task WriteAsync(string file, params (string Name, Array Values)[] columns) => WriteAsync(file, 1, columns);

    /// <summary>Writes the same rows several times, each as a row group.</summary>
    public static async Task WriteAsync(string file, int groups, params (string Name, Array Values)[] columns)
    {
        var fields = columns.Select(column => new DataField(column.Name, column.Values.GetType().GetElementType()!)).ToArray();
        await using var stream = File.Create(file);
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), stream);
        for (var number = 0; number < groups; number++)
        {
            using var group = writer.CreateRowGroup();
            for (var i = 0; i < fields.Length; i++)
            {
                await WriteAsync(group, fields[i], columns[i].Values);
            }
        }
    }

    private static async Task WriteAsync(ParquetRowGroupWriter group, DataField field, Array values)
    {
        switch (values)
        {
            case string?[] words: await group.WriteAsync(field, words!); break;
            case int[] numbers: await group.WriteAsync<int>(field, numbers); break;
            case long[] numbers: await group.WriteAsync<long>(field, numbers); break;
            case float[] numbers: await group.WriteAsync<float>(field, numbers); break;
            case double[] numbers: await group.WriteAsync<double>(field, numbers); break;
            case double?[] numbers: await group.WriteAsync<double>(field, numbers); break;
            case decimal[] numbers: await group.WriteAsync<decimal>(field, numbers); break;
            case bool[] flags: await group.WriteAsync<bool>(field, flags); break;
            case DateTime[] times: await group.WriteAsync<DateTime>(field, times); break;
            case Guid[] ids: await group.WriteAsync<Guid>(field, ids); break;
            case byte[][] words: await group.WriteAsync(field, words); break;
            default: throw new ArgumentException($"No case for {values.GetType()}.", nameof(values));
        }
    }
}
