using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using FedRec.Contracts.Federations;
using FedRec.Core.Snapshots;

namespace FedRec.Grains.Parties;

/// <summary>Full segments of catalogues as content that is named by its hash: a JSON list of items, in order. A silo keeps those that it read last.</summary>
internal sealed class CatalogueSegments(ICatalogueStore store)
{
    /// <summary>Segments that are kept as they were read: 65,536 items.</summary>
    public const int MostKept = 64;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    private static readonly SegmentedLog s_log = new(ICatalogueGrain.SegmentSize, ICatalogueGrain.SegmentSize);

    private readonly RecentlyUsed<(string Federation, string Sha256), ImmutableArray<CatalogueItem>> _read = new(MostKept);

    /// <summary>Stores the segments that are full once something is appended.</summary>
    /// <returns>The log with it, to be stored next.</returns>
    public async Task<CatalogueLog> AppendAsync(string federation, CatalogueLog log, IEnumerable<CatalogueItem> items)
    {
        var segments = log.Segments;
        var (_, tail) = await s_log.AppendAsync(segments.Length, log.Tail, items, async (_, segment) =>
        {
            var content = Write(segment);
            var sha256 = Safetensors.Sha256(content);
            await store.SaveAsync(federation, sha256, content);
            segments = segments.Add(sha256);
        });
        return new CatalogueLog(segments, tail);
    }

    /// <summary>All that a log has.</summary>
    /// <exception cref="ArgumentException">A segment is missing or damaged.</exception>
    public Task<ImmutableArray<CatalogueItem>> LoadAsync(string federation, CatalogueLog log) =>
        SegmentedLog.ReadAsync(log.Segments.Length, log.Tail, number => _read.GetOrLoad((federation, log.Segments[number]), LoadAsync));

    private async Task<ImmutableArray<CatalogueItem>> LoadAsync((string Federation, string Sha256) segment)
    {
        var (federation, sha256) = segment;
        try
        {
            return Read((await store.LoadAsync(federation, sha256)).Span);
        }
        catch (Exception exception) when (exception is FileNotFoundException or InvalidDataException or JsonException)
        {
            throw new ArgumentException($"The catalogue of {federation} cannot be read: {exception.Message} Restore it from a backup of the store; until then the federation takes in, trains and serves nothing.", exception);
        }
    }

    /// <summary>A segment as it is stored.</summary>
    public static byte[] Write(IEnumerable<CatalogueItem> items) => JsonSerializer.SerializeToUtf8Bytes(items, s_json);

    /// <summary>The items of a stored segment.</summary>
    public static ImmutableArray<CatalogueItem> Read(ReadOnlySpan<byte> content) => JsonSerializer.Deserialize<ImmutableArray<CatalogueItem>>(content, s_json);

    /// <summary>SHA-256 of a version: of the hashes of its segments, full or not.</summary>
    /// <param name="items">Its items as they came.</param>
    /// <param name="corrections">Its corrections.</param>
    public static string HashOf(ReadOnlySpan<CatalogueItem> items, ReadOnlySpan<CatalogueItem> corrections) => Safetensors.Sha256(Encoding.ASCII.GetBytes($"{HashOf(items)}\n{HashOf(corrections)}"));

    private static string HashOf(ReadOnlySpan<CatalogueItem> items) =>
        Safetensors.Sha256(Encoding.ASCII.GetBytes(string.Join('\n', items.ToArray().Chunk(ICatalogueGrain.SegmentSize).Select(segment => Safetensors.Sha256(Write(segment))))));
}
