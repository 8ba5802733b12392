using System.Collections.Concurrent;
using System.Collections.Immutable;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Runs;
using FedRec.Core.Catalogues;

namespace FedRec.Grains.Parties;

/// <summary>What a silo knows of catalogues.</summary>
internal sealed class HostedCatalogues(IGrainFactory grains, CatalogueSegments segments, TimeProvider time)
{
    private static readonly TimeSpan s_age = TimeSpan.FromMilliseconds(500); // corrections are shown within a second
    private readonly ConcurrentDictionary<string, (Task<int> Corrections, long AskedAt)> _corrections = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Federation, string Item), bool> _known = new(); // that are in their catalogue: they stay in it

    /// <summary>Takes items in, in this order, as far as they are new.</summary>
    public async Task AddAsync(string federation, IEnumerable<string> items)
    {
        var rest = items.Where(item => !_known.ContainsKey((federation, item))).Distinct(StringComparer.Ordinal).ToImmutableArray();
        if (rest.Length > 0)
        {
            await grains.GetGrain<ICatalogueGrain>(federation).AddAsync([.. rest.Select(item => new CatalogueItem(item, null, []))]);
            foreach (var item in rest)
            {
                _known[(federation, item)] = true;
            }
        }
    }

    /// <summary>Whether an item is in the catalogue.</summary>
    public async Task<bool> KnowsAsync(string federation, string item)
    {
        if (!_known.ContainsKey((federation, item)))
        {
            foreach (var known in await segments.LoadAsync(federation, (await grains.GetGrain<ICatalogueGrain>(federation).ReadAsync()).Items))
            {
                _known[(federation, known.Id)] = true;
            }
        }

        return _known.ContainsKey((federation, item));
    }

    /// <summary>The present version of a catalogue.</summary>
    /// <returns>The numbers of its items and corrections, and its SHA-256.</returns>
    public async Task<(int Items, int Corrections, string Sha256)> VersionAsync(string federation)
    {
        var pointer = await grains.GetGrain<ICatalogueGrain>(federation).ReadAsync();
        var (items, corrections) = (await segments.LoadAsync(federation, pointer.Items), await segments.LoadAsync(federation, pointer.Corrections));
        return (items.Length, corrections.Length, CatalogueSegments.HashOf(items.AsSpan(), corrections.AsSpan()));
    }

    /// <summary>The catalogue of a run.</summary>
    /// <exception cref="ArgumentException">There is no such version, or what is stored is not what the run began with.</exception>
    public async Task<FederationCatalogue> ReadAsync(string federation, HostedData data)
    {
        var content = await ContentAsync(federation, data);
        return content.ToCatalogue();
    }

    /// <summary>What the catalogue of a run is made of.</summary>
    /// <exception cref="ArgumentException">There is no such version, or what is stored is not what the run began with.</exception>
    public async Task<CatalogueContent> ContentAsync(string federation, HostedData data)
    {
        var pointer = await grains.GetGrain<ICatalogueGrain>(federation).ReadAsync();
        if (pointer.Items.Count < data.Items || pointer.Corrections.Count < data.Corrections)
        {
            throw new ArgumentException($"The catalogue of {federation} has {pointer.Items.Count} items and {pointer.Corrections.Count} corrections, not {data.Items} and {data.Corrections}: it has lost some.", nameof(data));
        }

        var (items, corrections) = ((await segments.LoadAsync(federation, pointer.Items))[..data.Items], (await segments.LoadAsync(federation, pointer.Corrections))[..data.Corrections]);
        if (data.CatalogueSha256.Length > 0 && CatalogueSegments.HashOf(items.AsSpan(), corrections.AsSpan()) is var sha256 && sha256 != data.CatalogueSha256)
        {
            throw new ArgumentException($"The first {data.Items} items of the catalogue of {federation} have the SHA-256 {sha256}, not {data.CatalogueSha256} as when the run started. Restore it from a backup of the store.", nameof(data));
        }

        return new CatalogueContent(items, corrections);
    }

    /// <summary>A catalogue with what was corrected since, for whoever looks at it: its numbers, features and rules stay what a run learned from.</summary>
    /// <param name="federation">Whose it is.</param>
    /// <param name="shown">The catalogue.</param>
    /// <param name="corrections">Corrections that it has.</param>
    /// <returns>The catalogue as it is now, and the corrections that it has then.</returns>
    public async Task<(FederationCatalogue Shown, int Corrections)> AsNowAsync(string federation, FederationCatalogue shown, int corrections)
    {
        if (await CountCorrectionsAsync(federation) <= corrections)
        {
            return (shown, corrections);
        }

        var all = await segments.LoadAsync(federation, (await grains.GetGrain<ICatalogueGrain>(federation).ReadAsync()).Corrections);
        return (new FederationCatalogue(shown.Items, CatalogueContent.Corrected(shown.Items, shown.Entries, all.AsSpan()[corrections..]), shown.Candidates, shown.Features), all.Length);
    }

    // Asked for each answer, and of the catalogue's grain a few times in a second.
    private Task<int> CountCorrectionsAsync(string federation)
    {
        if (!_corrections.TryGetValue(federation, out var known) || known.Corrections.IsFaulted || time.GetElapsedTime(known.AskedAt) > s_age)
        {
            _corrections[federation] = known = (grains.GetGrain<ICatalogueGrain>(federation).CountCorrectionsAsync(), time.GetTimestamp());
        }

        return known.Corrections;
    }
}
