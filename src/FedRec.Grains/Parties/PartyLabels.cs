using System.Collections.Frozen;
using System.Globalization;
using FedRec.Contracts.Federations;

namespace FedRec.Grains.Parties;

/// <summary>What a silo knows of the parties that are bound to silos with a label; most federations bind none.</summary>
/// <remarks>Asked for each activation that is placed, hence kept: for <see cref="s_fresh"/>, or until the silo is told of a change. What is kept decides where an activation is tried, and
/// never whether data is opened: that is asked of the registry, each time (<see cref="PlacedParties.TryEnterAsync"/>).</remarks>
internal sealed class PartyLabels(IGrainFactory grains, SiloLabels silos, TimeProvider time)
{
    private const int MostFederations = 1_000;
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1); // with a registry that may be on a silo that hangs, where older labels are known
    private readonly RecentlyUsed<string, Known> _known = new(MostFederations);

    /// <summary>The label that a party is bound to, as far as the silo knows; null for none.</summary>
    /// <param name="federation">The federation.</param>
    /// <param name="party">Number or key of the client.</param>
    public ValueTask<string?> OfAsync(string federation, string party) =>
        _known.TryGet(federation, out var known) && known.Fresh(time) is { } labels ? new ValueTask<string?>(labels.GetValueOrDefault(party)) : FindAsync(federation, party);

    /// <summary>Refuses what no silo that is up may do for a party.</summary>
    /// <exception cref="SiloLabelException">The party is bound to a label that no silo has.</exception>
    public async Task ThrowUnlessUpAsync(string federation, string party)
    {
        if (await OfAsync(federation, party) is { } label && silos.Up(label).Length == 0)
        {
            throw SiloLabels.NoneUp(label, federation);
        }
    }

    /// <summary>Whether a party is bound to silos that this is none of.</summary>
    public async ValueTask<bool> IsElsewhereAsync(string federation, string party) => await OfAsync(federation, party) is { } label && !silos.IsHere(label);

    /// <summary>Asks anew when it is next needed.</summary>
    public void Forget(string federation)
    {
        if (_known.TryGet(federation, out var known))
        {
            known.Forget();
        }
    }

    private async ValueTask<string?> FindAsync(string federation, string party)
    {
        var known = await _known.GetOrLoad(federation, _ => Task.FromResult(new Known()));
        return (await known.ReadAsync(() => LoadAsync(federation), time)).GetValueOrDefault(party);
    }

    private async Task<FrozenDictionary<string, string>> LoadAsync(string federation)
    {
        var labels = await grains.GetGrain<IRegistryGrain>(federation).GetLabelsAsync();
        return labels.SelectMany(one => new[] { (one.Key, one.Label), (Key: one.Client.ToString(CultureInfo.InvariantCulture), one.Label) }).ToFrozenDictionary(one => one.Key, one => one.Label, StringComparer.Ordinal);
    }

    /// <summary>The labels of one federation, and since when.</summary>
    private sealed class Known
    {
        private readonly Lock _changing = new();
        private (FrozenDictionary<string, string> Labels, long At)? _last;
        private Task<FrozenDictionary<string, string>>? _loading;

        public FrozenDictionary<string, string>? Fresh(TimeProvider time)
        {
            lock (_changing)
            {
                return _last is { } last && time.GetElapsedTime(last.At) < s_fresh ? last.Labels : null;
            }
        }

        public void Forget()
        {
            lock (_changing)
            {
                (_last, _loading) = (null, null); // what is being asked may be answered from before
            }
        }

        // What is old is better than nothing while the registry cannot be reached: opening the data is refused then anyway.
        public async Task<FrozenDictionary<string, string>> ReadAsync(Func<Task<FrozenDictionary<string, string>>> load, TimeProvider time)
        {
            Task<FrozenDictionary<string, string>> loading;
            bool isKnown;
            lock (_changing)
            {
                if (_last is { } known && time.GetElapsedTime(known.At) < s_fresh)
                {
                    return known.Labels; // somebody else has asked meanwhile
                }

                (loading, isKnown) = (_loading ??= Task.Run(load), _last is not null);
            }

            try
            {
                var labels = await (isKnown ? loading.WaitAsync(s_patience, time) : loading);
                lock (_changing)
                {
                    (_last, _loading) = _loading == loading ? ((labels, time.GetTimestamp()), null) : (_last, _loading);
                }

                return labels;
            }
            catch (Exception) // whatever it is, it is not remembered: the next who asks asks anew
            {
                lock (_changing)
                {
                    _loading = _loading == loading ? null : _loading;
                    if (_last is { } last)
                    {
                        _last = (last.Labels, time.GetTimestamp()); // or everybody who is placed would wait for the same silence
                        return last.Labels;
                    }
                }

                throw;
            }
        }
    }
}
