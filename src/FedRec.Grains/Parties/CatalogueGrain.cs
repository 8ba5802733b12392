using System.Collections.Immutable;
using FedRec.Contracts.Federations;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace FedRec.Grains.Parties;

/// <summary>Numbers the items of a federation whose clients keep their data themselves.</summary>
/// <remarks>First the segments that are full now, then the pointer under its ETag: a crash in between leaves content that nothing points at, and that the next try finds.</remarks>
internal sealed class CatalogueGrain : Grain, ICatalogueGrain
{
    private readonly IGrainStorage _storage;
    private readonly CatalogueSegments _segments;
    private readonly LazyState<CatalogueState> _saved;
    private readonly Dictionary<string, CatalogueItem> _known = new(StringComparer.Ordinal); // as corrected
    private CataloguePointer _stored = CataloguePointer.Empty; // as it is stored; what is being written is not known yet

    public CatalogueGrain([FromKeyedServices(GrainsSetup.StorageName)] IGrainStorage storage, CatalogueSegments segments)
    {
        (_storage, _segments) = (storage, segments);
        _saved = new LazyState<CatalogueState>("catalogue", this, storage);
    }

    private string Federation => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await _saved.ReadAsync(() => { });
        _stored = _saved.State.Pointer;
        Know([.. await _segments.LoadAsync(Federation, _stored.Items), .. await _segments.LoadAsync(Federation, _stored.Corrections)]);
        if (_stored.Items.Count == 0)
        {
            await AddAsync(await ReadLegacyAsync(), cancellationToken);
        }
    }

    public async Task<int> AddAsync(ImmutableArray<CatalogueItem> items, CancellationToken cancellationToken = default)
    {
        var (added, corrected) = (new Dictionary<string, CatalogueItem>(StringComparer.Ordinal), new List<CatalogueItem>());
        foreach (var item in items.Select(item => item.Tags.IsDefault ? item with { Tags = [] } : item))
        {
            if (_known.GetValueOrDefault(item.Id) is not { } known)
            {
                added.TryAdd(item.Id, item);
            }
            else if (Corrected(known, item) is { } correction)
            {
                corrected.Add(correction);
            }
        }

        if (added.Count + corrected.Count > 0)
        {
            var pointer = new CataloguePointer(
                await _segments.AppendAsync(Federation, _stored.Items, items.Select(item => item.Id).Distinct(StringComparer.Ordinal).Where(added.ContainsKey).Select(id => added[id])),
                await _segments.AppendAsync(Federation, _stored.Corrections, corrected));
            _saved.State = new CatalogueState { Pointer = pointer };
            await _saved.WriteAsync();
            _stored = pointer;
            Know([.. added.Values, .. corrected]);
        }

        return _stored.Items.Count;
    }

    public Task<int> CountAsync(CancellationToken cancellationToken = default) => Task.FromResult(_stored.Items.Count);

    public Task<int> CountCorrectionsAsync(CancellationToken cancellationToken = default) => Task.FromResult(_stored.Corrections.Count);

    public Task<CataloguePointer> ReadAsync(CancellationToken cancellationToken = default) => Task.FromResult(_stored);

    // Null where nothing is said that is not known.
    private static CatalogueItem? Corrected(CatalogueItem known, CatalogueItem item)
    {
        var (title, tags) = (item.Title is null || item.Title == item.Id ? known.Title : item.Title, item.Tags.IsEmpty ? known.Tags : item.Tags);
        return title == known.Title && tags.SequenceEqual(known.Tags) ? null : known with { Title = title, Tags = tags };
    }

    private void Know(ImmutableArray<CatalogueItem> items)
    {
        foreach (var item in items)
        {
            _known[item.Id] = item;
        }
    }

    // Older programs kept all segments in states of the grain.
    private async Task<ImmutableArray<CatalogueItem>> ReadLegacyAsync()
    {
        var (items, segment) = (ImmutableArray.CreateBuilder<CatalogueItem>(), new CatalogueSegment());
        do
        {
            var state = new LazyState<CatalogueSegment>(FormattableString.Invariant($"catalogue-{items.Count / ICatalogueGrain.SegmentSize}"), this, _storage);
            await state.ReadAsync(() => { });
            items.AddRange((segment = state.State).Items);
        }
        while (segment.Items.Length == ICatalogueGrain.SegmentSize);
        return items.ToImmutable();
    }
}

/// <summary>What points at the items of a catalogue.</summary>
[GenerateSerializer, Alias("fedrec.state.catalogue")]
internal sealed record CatalogueState
{
    /// <summary>Where they are.</summary>
    [Id(0)] public CataloguePointer Pointer { get; init; } = CataloguePointer.Empty;
}

/// <summary>Some items of a catalogue, in the order of their numbers, as older programs stored them.</summary>
[GenerateSerializer, Alias("fedrec.state.catalogue-segment")]
internal sealed record CatalogueSegment
{
    /// <summary>The items.</summary>
    [Id(0)] public ImmutableArray<CatalogueItem> Items { get; init; } = [];
}
