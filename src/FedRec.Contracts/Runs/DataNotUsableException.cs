namespace FedRec.Contracts.Runs;

/// <summary>The data of a run cannot be used. The message may quote what the file holds, for whoever may read it.</summary>
[GenerateSerializer, Alias("fedrec.data-not-usable")]
public sealed class DataNotUsableException : ArgumentException
{
    /// <summary>Reports data that cannot be used.</summary>
    /// <param name="message">What is wrong and what to do next; may quote the file.</param>
    /// <param name="place">The file and its line, when one is to blame.</param>
    public DataNotUsableException(string message, string? place)
        : base(message) => Place = place;

    /// <summary>The file and its line, such as <c>shop.csv, line 3</c>; null when no file is to blame.</summary>
    [Id(0)] public string? Place { get; }

    /// <summary>The message for those who may not read the file, nor know where it lies.</summary>
    public string Guarded => Guard(Path.GetFileName(Place));

    /// <summary>What those may hear of any failure who may not read the data.</summary>
    public static string MessageOf(Exception exception) => exception is DataNotUsableException data ? data.Guarded : exception.Message;

    /// <summary>Says where the data is wrong, and nothing of what it holds.</summary>
    /// <param name="place">The file and its line; null when no file is to blame.</param>
    public static string Guard(string? place) =>
        $"{(string.IsNullOrEmpty(place) ? "The data" : place.TrimEnd(' ', ':'))} cannot be read as it was asked for. 'fedrec data inspect' says why to those who may read the file.";
}
