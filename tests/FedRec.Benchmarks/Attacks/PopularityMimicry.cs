using FedRec.Core.Federation;

namespace FedRec.Benchmarks.Attacks;

/// <summary>Promotion by likeness: the targets are moved to where the most popular items are.</summary>
/// <remarks>After PipAttack (Zhang et al. 2022, "PipAttack: Poisoning Federated Recommender Systems for Manipulating Item Promotion", WSDM), which learns from popularity what popular
/// items look like. Popular is what the attackers' own clients have, and lengths are tried on these.</remarks>
internal sealed class PopularityMimicry(Knowledge known) : Promotion(known)
{
    private const int Popular = 20;
    private const float Newest = 5;
    private readonly Dictionary<int, (int[] All, int[] Newest)> _users = [];

    /// <inheritdoc/>
    public override Core.Updates.ClientUpdate Craft(HonestUpdate honest)
    {
        var (own, ages) = (honest.Data.Items(0).ToArray(), honest.Data.Ages(0).ToArray());
        _users.TryAdd(honest.Client, (own, [.. own.Where((_, i) => ages.Length == 0 || ages[i] < Newest)])); // newer items count more in a score
        return base.Craft(honest);
    }

    /// <inheritdoc/>
    protected override (IReadOnlyDictionary<int, float> Liked, IReadOnlyList<int[]> Users) Goal(ItemTable table, HonestUpdate honest) =>
        (_users.Values.SelectMany(own => own.All).CountBy(item => item).OrderByDescending(item => item.Value).Take(Popular).ToDictionary(item => item.Key, _ => 1f),
            [.. _users.Values.Select(own => own.Newest)]);
}
