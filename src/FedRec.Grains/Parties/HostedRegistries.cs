using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Numerics;
using FedRec.Contracts.Federations;

namespace FedRec.Grains.Parties;

/// <summary>What a silo knows of registries: numbers and keys of clients never change, so each is asked for once.</summary>
internal sealed class HostedRegistries(IGrainFactory grains)
{
    private readonly ConcurrentDictionary<(string Federation, int Partition), ImmutableArray<string>> _keys = new();
    private readonly ConcurrentDictionary<(string Federation, string Client), int> _numbers = new();

    /// <summary>The key of a client.</summary>
    /// <exception cref="ArgumentException">There is no such client.</exception>
    public async ValueTask<string> KeyOfAsync(string federation, int client)
    {
        var (partition, place) = (client / IRegistryGrain.PartitionSize, client % IRegistryGrain.PartitionSize);
        if (!_keys.TryGetValue((federation, partition), out var keys) || place >= keys.Length)
        {
            _keys[(federation, partition)] = keys = (await grains.GetGrain<IRegistryGrain>(federation).ReadAsync(partition)).Keys;
        }

        return place < keys.Length ? keys[place] : throw new ArgumentException($"Federation {federation} has no client {client}.", nameof(client));
    }

    /// <summary>The number of a client, which joins now if it has not.</summary>
    public async Task<int> NumberOfAsync(string federation, string client) => (await JoinAsync(federation, [client]))[0];

    /// <summary>The numbers of clients, who join now in this order as far as they have not.</summary>
    public async Task<ImmutableArray<int>> JoinAsync(string federation, ImmutableArray<string> clients)
    {
        if (clients.Any(client => !_numbers.ContainsKey((federation, client))))
        {
            var numbers = await grains.GetGrain<IRegistryGrain>(federation).JoinAsync(clients);
            for (var i = 0; i < clients.Length; i++)
            {
                _numbers[(federation, clients[i])] = numbers[i];
            }
        }

        return [.. clients.Select(client => _numbers[(federation, client)])];
    }
}

/// <summary>How much a client holds, roughly; see <see cref="Contracts.Federations.ClientSize.SizeClass"/>.</summary>
internal static class SizeClass
{
    /// <summary>The class of a number of interactions.</summary>
    public static byte Of(int changes) => (byte)(changes == 0 ? 0 : BitOperations.Log2((uint)changes) + 1);

    /// <summary>The least that a client of a class holds.</summary>
    public static int Least(byte sizeClass) => sizeClass == 0 ? 0 : 1 << (sizeClass - 1);

    /// <summary>The most that a client of a class holds.</summary>
    public static int Most(byte sizeClass) => (int)((1L << sizeClass) - 1);
}
