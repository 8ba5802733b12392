using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Metadata;
using Orleans.Runtime.Placement;

namespace FedRec.Grains.Parties;

/// <summary>Places the grains that hold a party's data: of a party that is bound to silos with a label on one of these, all others as any grain.</summary>
internal sealed class PartyPlacement : PlacementStrategy;

/// <summary>Says which grains hold a party's data.</summary>
/// <remarks>Not an attribute: that would be part of what silos tell each other of their grains, and silos of a release without this strategy could place none of these grains any more.</remarks>
internal sealed class PartyPlacementResolver(PartyPlacement placement) : IPlacementStrategyResolver
{
    private static readonly GrainType s_client = GrainType.Create("client");
    private static readonly GrainType s_organisation = GrainType.Create("organisation");

    public bool TryResolvePlacementStrategy(GrainType grainType, GrainProperties? properties, [NotNullWhen(true)] out PlacementStrategy? result)
    {
        result = grainType == s_client || grainType == s_organisation ? placement : null;
        return result is not null;
    }
}

/// <summary>Chooses among the silos that have the label of a party, as the strategy of the cluster would among all.</summary>
/// <remarks>The built-in <c>RequiredMatchSiloMetadata</c> compares with the silo that places, and that is any. Where the label is not known yet the registry is asked, which
/// lives without this strategy, so that no placement waits for itself.</remarks>
internal sealed class PartyPlacementDirector(IServiceProvider services, PartyLabels labels, SiloLabels silos) : IPlacementDirector
{
    private readonly Lazy<(PlacementStrategy Strategy, IPlacementDirector Director)> _usual = new(() =>
    {
        var strategy = services.GetRequiredService<PlacementStrategy>();
        return (strategy, services.GetRequiredKeyedService<IPlacementDirector>(strategy.GetType()));
    });

    public async Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var key = target.GrainIdentity.Key.ToString()!;
        var end = key.LastIndexOf('/');
        var label = await labels.OfAsync(key[..end], key[(end + 1)..]);
        return await _usual.Value.Director.OnAddActivation(_usual.Value.Strategy, target, label is null ? context : new LabelledSilos(context, silos, label, key[..end]));
    }

    /// <summary>A cluster of the silos that have a label.</summary>
    private sealed class LabelledSilos(IPlacementContext all, SiloLabels silos, string label, string federation) : IPlacementContext
    {
        public SiloAddress LocalSilo => all.LocalSilo;

        public SiloStatus LocalSiloStatus => all.LocalSiloStatus;

        public SiloAddress[] GetCompatibleSilos(PlacementTarget target) => silos.Having(label, all.GetCompatibleSilos(target)) is { Length: > 0 } found ? found : throw SiloLabels.NoneUp(label, federation);

        public IReadOnlyDictionary<ushort, SiloAddress[]> GetCompatibleSilosWithVersions(PlacementTarget target) =>
            all.GetCompatibleSilosWithVersions(target).ToDictionary(one => one.Key, one => silos.Having(label, one.Value));
    }
}
