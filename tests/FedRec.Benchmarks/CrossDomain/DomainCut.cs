using FedRec.Core.Data;
using FedRec.Core.Randomness;

namespace FedRec.Benchmarks.CrossDomain;

/// <summary>A data set as two domains: half of the items, drawn, are the source and the others the target, and a tenth of the users are cold
/// in the target.</summary>
/// <remarks>Cold users are drawn from those with items in the source and at least four in the target: their last there by time is held out,
/// and however many they keep, the users and held-out items are the same, and those who keep fewer items keep some of the same. What a cold
/// user does not keep is in neither training; as nobody knows of it, it stays a candidate. Nothing of other users is held out.</remarks>
internal sealed class DomainCut
{
    private const int MostKept = 3;
    private readonly bool[] _source;
    private readonly int[][] _order;
    private readonly HashSet<int> _cold;
    private readonly ulong _seed;

    /// <summary>Draws the domains and the cold users.</summary>
    /// <exception cref="ArgumentException">The data has no times, or hardly any user could be cold.</exception>
    public DomainCut(Dataset all, ulong seed)
    {
        NumberedRows.ThrowWithoutTimes(all);
        (_seed, _source) = (seed, Half(all.Items.Count, seed));
        _order = [.. Enumerable.Range(0, all.Users.Count).Select(user => NumberedRows.InOrder(all, user, seed))];
        int[] able = [.. Enumerable.Range(0, _order.Length).Where(user => Of(user, source: true).Length > 0 && Of(user, source: false).Length > MostKept)];
        var random = SeedSequence.For(seed, "cold");
        random.Shuffle<int>(able);
        _cold = able.Length >= all.Users.Count / 10 && able.Length > 9 ? [.. able.Take(all.Users.Count / 10)] : throw new ArgumentException(
            $"Only {able.Length} of {all.Users.Count} users of {all.Name} have enough interactions in both domains to be cold in one: give data with more of them.");
    }

    /// <summary>What was drawn, in words.</summary>
    public string Summary => $"{_source.Count(one => one)} source and {_source.Count(one => !one)} target items, {_cold.Count} of {_order.Length} users cold";

    /// <summary>Opens the target domain by itself, and with the source domain as context.</summary>
    /// <param name="kept">Training items that cold users keep in the target domain, at most 3.</param>
    public (Dataset Single, Dataset Joint) Open(int kept)
    {
        var folder = Directory.CreateTempSubdirectory("fedrec-domains-");
        try
        {
            var (target, source) = (new NumberedRows(), new NumberedRows());
            for (var user = 0; user < _order.Length; user++)
            {
                AddTarget(target, user, kept);
                Array.ForEach(Of(user, source: true), item => source.Add(user, item));
            }

            var options = new DatasetOptions { Path = target.Write(folder.FullName, "target.csv") };
            return (DatasetSource.Open(options), DatasetSource.Open(options with { ContextData = source.Write(folder.FullName, "source.csv") }));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Whether each item is of the source domain.</summary>
    public static bool[] Half(int items, ulong seed)
    {
        bool[] source = [.. Enumerable.Range(0, items).Select(item => item < items / 2)];
        var random = SeedSequence.For(seed, "domains");
        random.Shuffle<bool>(source);
        return source;
    }

    private void AddTarget(NumberedRows rows, int user, int kept)
    {
        var own = Of(user, source: false);
        if (!_cold.Contains(user))
        {
            Array.ForEach(own, item => rows.Add(user, item));
            return;
        }

        rows.Add(user, own[^1], heldOut: true);
        var before = own[..^1];
        var random = SeedSequence.For(_seed, "kept", user);
        random.Shuffle<int>(before);
        Array.ForEach(before[..kept], item => rows.Add(user, item));
    }

    private int[] Of(int user, bool source) => [.. _order[user].Where(item => _source[item] == source)];
}
