using System.Collections.Immutable;
using FedRec.Contracts.Federations;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace FedRec.Grains.Parties;

/// <summary>Numbers the items of a federation whose clients keep their data themselves.</summary>
internal sealed class CatalogueGrain([FromKeyedServices(GrainsSetup.StorageName)] IGrainStorage storage) : Grain, ICatalogueGrain
{
    private readonly List<LazyState<CatalogueSegment>> _segments = [];
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        do
        {
            var segment = Segment(_segments.Count);
            await segment.ReadAsync(() => { });
            _segments.Add(segment);
            _known.UnionWith(segment.State.Items.Select(item => item.Id));
        }
        while (_segments[^1].State.Items.Length == ICatalogueGrain.SegmentSize);
    }

    public async Task<int> AddAsync(ImmutableArray<CatalogueItem> items, CancellationToken cancellationToken = default)
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        var rest = items.Where(item => !_known.Contains(item.Id) && named.Add(item.Id)).ToList();
        while (rest.Count > 0)
        {
            var last = _segments[^1];
            var taken = rest.Take(ICatalogueGrain.SegmentSize - last.State.Items.Length).ToList();
            if (taken.Count == 0)
            {
                _segments.Add(Segment(_segments.Count));
                _segments[^1].SkipReading();
                continue;
            }

            last.State = last.State with { Items = last.State.Items.AddRange(taken) };
            await last.WriteAsync();
            _known.UnionWith(taken.Select(item => item.Id));
            rest.RemoveRange(0, taken.Count);
        }

        return _known.Count;
    }

    public Task<int> CountAsync(CancellationToken cancellationToken = default) => Task.FromResult(_known.Count);

    public Task<ImmutableArray<CatalogueItem>> ReadAsync(int number, CancellationToken cancellationToken = default) =>
        Task.FromResult(number < _segments.Count ? _segments[number].State.Items[..Math.Min(_segments[number].State.Items.Length, _known.Count - (number * ICatalogueGrain.SegmentSize))] : []);

    private LazyState<CatalogueSegment> Segment(int number) => new(FormattableString.Invariant($"catalogue-{number}"), this, storage);
}

/// <summary>Some items of a catalogue, in the order of their numbers.</summary>
[GenerateSerializer, Alias("fedrec.state.catalogue-segment")]
internal sealed record CatalogueSegment
{
    /// <summary>The items.</summary>
    [Id(0)] public ImmutableArray<CatalogueItem> Items { get; init; } = [];
}
