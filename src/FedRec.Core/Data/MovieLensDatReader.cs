namespace FedRec.Core.Data;

/// <summary>Reads MovieLens 1M and 10M <c>ratings.dat</c>: <c>user::item::rating::timestamp</c>, no header.</summary>
internal static class MovieLensDatReader
{
    public const string Delimiter = "::";

    public static void Read(string file, InteractionLog log, RowTally tally) => HeaderlessReader.Read(file, Delimiter, log, tally);

    /// <summary>Tells whether a first line may be of this format.</summary>
    public static bool Recognizes(string firstLine) => firstLine.Contains(Delimiter, StringComparison.Ordinal);
}
