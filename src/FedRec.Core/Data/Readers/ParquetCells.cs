using System.Globalization;
using Parquet;
using Parquet.Schema;

namespace FedRec.Core.Data.Readers;

/// <summary>The text of a cell; valid until the next call, empty when the cell is null.</summary>
internal delegate ReadOnlySpan<char> CellText(int row);

/// <summary>Reads one column of one row group, and gives its cells as the text that CSV would have.</summary>
internal static class ParquetCells
{
    private const int LongestText = 64; // of a number or a globally unique id

    /// <exception cref="ColumnTypeException">The column holds values that have no text in a table.</exception>
    public static Task<CellText> ReadAsync(ParquetRowGroupReader group, DataField field, int rows) => Type.GetTypeCode(field.ClrType) switch
    {
        TypeCode.Boolean => ReadAsync<bool>(group, field, rows, (value, _) => value ? "true" : "false"),
        TypeCode.SByte => NumbersAsync<sbyte>(group, field, rows),
        TypeCode.Byte => NumbersAsync<byte>(group, field, rows),
        TypeCode.Int16 => NumbersAsync<short>(group, field, rows),
        TypeCode.UInt16 => NumbersAsync<ushort>(group, field, rows),
        TypeCode.Int32 => NumbersAsync<int>(group, field, rows),
        TypeCode.UInt32 => NumbersAsync<uint>(group, field, rows),
        TypeCode.Int64 => NumbersAsync<long>(group, field, rows),
        TypeCode.UInt64 => NumbersAsync<ulong>(group, field, rows),
        TypeCode.Decimal => NumbersAsync<decimal>(group, field, rows),
        TypeCode.Single => ReadAsync<float>(group, field, rows, (value, text) => float.IsNaN(value) ? [] : Format(value, text)),
        TypeCode.Double => ReadAsync<double>(group, field, rows, (value, text) => double.IsNaN(value) ? [] : Format(value, text)),
        TypeCode.DateTime => ReadAsync<DateTime>(group, field, rows, (value, text) => Format(Seconds(value), text)),
        _ when field.ClrType == typeof(Guid) => NumbersAsync<Guid>(group, field, rows),
        _ when field.ClrType == typeof(ReadOnlyMemory<char>) || field.ClrType == typeof(string) => WordsAsync(group, field, rows),
        _ => throw new ColumnTypeException($"its values are of the type {field.ClrType.Name}."),
    };

    private static Task<CellText> NumbersAsync<T>(ParquetRowGroupReader group, DataField field, int rows)
        where T : struct, ISpanFormattable => ReadAsync<T>(group, field, rows, Format);

    private static async Task<CellText> ReadAsync<T>(ParquetRowGroupReader group, DataField field, int rows, Formatter<T> format)
        where T : struct
    {
        var values = new T?[rows];
        await group.ReadAsync<T>(field, values.AsMemory()).ConfigureAwait(false);
        var text = new char[LongestText];
        return row => values[row] is { } value ? format(value, text) : [];
    }

    private static async Task<CellText> WordsAsync(ParquetRowGroupReader group, DataField field, int rows)
    {
        var values = new string?[rows];
        await group.ReadAsync(field, values.AsMemory()).ConfigureAwait(false);
        return row => values[row];
    }

    private static ReadOnlySpan<char> Format<T>(T value, char[] text)
        where T : ISpanFormattable =>
        value.TryFormat(text, out var length, [], CultureInfo.InvariantCulture) ? text.AsSpan(0, length) : throw new ColumnTypeException("one of its values is too long.");

    // Seconds since 1970. A time without a zone is UTC, as in text files.
    private static decimal Seconds(DateTime time) => (decimal)(time.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond;

    private delegate ReadOnlySpan<char> Formatter<T>(T value, char[] text);
}

/// <summary>A column whose values have no text in a table.</summary>
internal sealed class ColumnTypeException(string message) : Exception(message);
