using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace FedRec.Contracts.Access;

/// <summary>What operators have changed over HTTP: each change is noted before it is done, and again with what became of it. One record: <see cref="Key"/>.</summary>
[Alias("fedrec.access-log")]
public interface IAccessLogGrain : IGrainWithStringKey
{
    /// <summary>Key of the only grain.</summary>
    const string Key = "all";

    /// <summary>Entries that are kept; older ones are dropped, and the chain goes on.</summary>
    const int Most = 2_000;

    /// <summary>Notes something; durable when it returns.</summary>
    /// <returns>The entry, with its number, time and place in the chain.</returns>
    /// <exception cref="ArgumentException">A text is empty or too long; nothing was noted.</exception>
    [Alias("append")]
    Task<AccessLogEntry> AppendAsync(AccessLogNote note, CancellationToken cancellationToken = default);

    /// <summary>The entries that are kept, oldest first.</summary>
    [Alias("read")]
    Task<ImmutableArray<AccessLogEntry>> ReadAsync(CancellationToken cancellationToken = default);
}

/// <summary>Something to be noted.</summary>
/// <param name="Caller">Who: a key by id and name, a token, this machine; 1 to 300 characters.</param>
/// <param name="Action">What: the method and the address, without users' ids; 1 to 500 characters.</param>
/// <param name="Of">Number of the entry whose outcome this is; 0 for a change that is about to be done.</param>
/// <param name="Status">The HTTP status of the outcome; 0 before it.</param>
[GenerateSerializer, Immutable, Alias("fedrec.access-log-note")]
public sealed record AccessLogNote(
    [property: Id(0)] string Caller,
    [property: Id(1)] string Action,
    [property: Id(2)] long Of,
    [property: Id(3)] int Status);

/// <summary>Something that was noted.</summary>
/// <param name="Number">From 1.</param>
/// <param name="At">When.</param>
/// <param name="Note">What.</param>
/// <param name="Before">Hash of the entry before; empty for the first.</param>
/// <param name="Hash">SHA-256 over that one and this entry, lower-case hexadecimal.</param>
[GenerateSerializer, Immutable, Alias("fedrec.access-log-entry")]
public sealed record AccessLogEntry(
    [property: Id(0)] long Number,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] AccessLogNote Note,
    [property: Id(3)] string Before,
    [property: Id(4)] string Hash)
{
    /// <summary>The entry after another, with its hash.</summary>
    public static AccessLogEntry Next(long number, DateTimeOffset at, AccessLogNote note, string before) => new(number, at, note, before, HashOf(number, at, note, before));

    /// <summary>Number of the first entry that was changed or does not follow the one before; null where the chain holds.</summary>
    public static long? FindBreak(IReadOnlyList<AccessLogEntry> entries)
    {
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            var follows = i == 0 || (entry.Before == entries[i - 1].Hash && entry.Number == entries[i - 1].Number + 1);
            if (!follows || entry.Hash != HashOf(entry.Number, entry.At, entry.Note, entry.Before))
            {
                return entry.Number;
            }
        }

        return null;
    }

    // Texts have no line ends, so that no two entries are written alike.
    private static string HashOf(long number, DateTimeOffset at, AccessLogNote note, string before) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"fedrec access log 1\n{before}\n{number}\n{at.ToUnixTimeMilliseconds()}\n{note.Caller}\n{note.Action}\n{note.Of}\n{note.Status}"))));
}
