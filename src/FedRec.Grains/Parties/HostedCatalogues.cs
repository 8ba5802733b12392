using System.Collections.Concurrent;
using System.Collections.Immutable;
using FedRec.Contracts.Federations;
using FedRec.Core.Catalogues;
using FedRec.Core.Data;

namespace FedRec.Grains.Parties;

/// <summary>What a silo knows of catalogues.</summary>
internal sealed class HostedCatalogues(IGrainFactory grains)
{
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
            var catalogue = grains.GetGrain<ICatalogueGrain>(federation);
            for (var segment = 0; await catalogue.ReadAsync(segment) is { IsEmpty: false } read; segment++)
            {
                foreach (var known in read)
                {
                    _known[(federation, known.Id)] = true;
                }
            }
        }

        return _known.ContainsKey((federation, item));
    }

    /// <summary>A version of a catalogue.</summary>
    /// <param name="federation">Whose it is.</param>
    /// <param name="items">The version: the number of its items.</param>
    /// <exception cref="ArgumentException">There is no such version.</exception>
    public async Task<FederationCatalogue> ReadAsync(string federation, int items)
    {
        var (ids, titles, tags) = (new IdMap(), new List<string>(), new List<IReadOnlyList<string>>());
        for (var segment = 0; ids.Count < items; segment++)
        {
            var read = await grains.GetGrain<ICatalogueGrain>(federation).ReadAsync(segment);
            if (read.IsEmpty)
            {
                throw new ArgumentException($"The catalogue of {federation} has {ids.Count} items, not {items}.", nameof(items));
            }

            foreach (var item in read.Take(items - ids.Count))
            {
                ids.GetOrAdd(item.Id);
                titles.Add(item.Title ?? item.Id);
                tags.Add(item.Tags);
            }
        }

        return FederationCatalogue.Of(ids, new ItemCatalogue(titles, tags));
    }
}
