using System.Globalization;

namespace FedRec.Core.Data;

/// <summary>Reads MovieLens 100K <c>u.data</c>: user, item, rating, timestamp; tabs between them, no header.</summary>
internal static class MovieLensTabReader
{
    public const string FileName = "u.data";
    private const string Delimiter = "\t";

    public static void Read(string file, InteractionLog log, RowTally tally) => HeaderlessReader.Read(file, Delimiter, log, tally);

    /// <summary>Tells whether a first line is data of this format: four numbers.</summary>
    public static bool Recognizes(string firstLine)
    {
        var fields = firstLine.Split(Delimiter);
        return fields.Length == HeaderlessReader.FieldCount && fields.All(f => double.TryParse(f, CultureInfo.InvariantCulture, out _));
    }
}
