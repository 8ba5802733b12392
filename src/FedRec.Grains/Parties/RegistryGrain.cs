using System.Collections.Immutable;
using FedRec.Contracts.Federations;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace FedRec.Grains.Parties;

/// <summary>Numbers the clients of a federation that keep their data themselves.</summary>
/// <remarks>In memory it knows all keys, so that joining again finds the number; what is stored, sent and asked for in a round is a partition.</remarks>
internal sealed class RegistryGrain([FromKeyedServices(GrainsSetup.StorageName)] IGrainStorage storage) : Grain, IRegistryGrain
{
    private static readonly RegistryPartition s_empty = new([], []);
    private readonly List<LazyState<RegistryState>> _partitions = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        do
        {
            var partition = Partition(_partitions.Count);
            await partition.ReadAsync(() => { });
            _partitions.Add(partition);
            Number(partition.State.Members.Keys);
        }
        while (_partitions[^1].State.Members.Keys.Length == IRegistryGrain.PartitionSize);
    }

    public async Task<ImmutableArray<int>> JoinAsync(ImmutableArray<string> clients, CancellationToken cancellationToken = default)
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        var rest = clients.Where(client => !_numbers.ContainsKey(client) && named.Add(client)).ToList();
        while (rest.Count > 0)
        {
            var last = _partitions[^1];
            var members = last.State.Members;
            var taken = rest.Take(IRegistryGrain.PartitionSize - members.Keys.Length).ToList();
            if (taken.Count == 0)
            {
                _partitions.Add(Partition(_partitions.Count));
                _partitions[^1].SkipReading();
                continue;
            }

            last.State = new RegistryState { Members = members with { Keys = members.Keys.AddRange(taken), SizeClasses = members.SizeClasses.AddRange(new byte[taken.Count]) } };
            await last.WriteAsync();
            Number(taken);
            rest.RemoveRange(0, taken.Count);
        }

        return [.. clients.Select(client => _numbers[client])];
    }

    public async Task NoteSizesAsync(ImmutableArray<ClientSize> sizes, CancellationToken cancellationToken = default)
    {
        foreach (var part in sizes.Where(size => size.Client >= 0 && size.Client < _numbers.Count).GroupBy(size => size.Client / IRegistryGrain.PartitionSize))
        {
            var partition = _partitions[part.Key];
            var members = partition.State.Members;
            var (classes, users) = (members.SizeClasses.ToBuilder(), members.Users.ToBuilder());
            foreach (var size in part)
            {
                var place = size.Client % IRegistryGrain.PartitionSize;
                classes[place] = size.SizeClass;
                if (size.Users is { } number)
                {
                    users[place] = number;
                }
            }

            if (!classes.SequenceEqual(members.SizeClasses) || !users.SequenceEqual(members.Users))
            {
                partition.State = new RegistryState { Members = members with { SizeClasses = classes.ToImmutable(), Users = users.ToImmutable() } };
                await partition.WriteAsync();
            }
        }
    }

    public Task<int> CountAsync(CancellationToken cancellationToken = default) => Task.FromResult(_numbers.Count);

    // As far as it is stored: what is being written is not known yet.
    public Task<RegistryPartition> ReadAsync(int number, CancellationToken cancellationToken = default)
    {
        var members = number < _partitions.Count ? _partitions[number].State.Members : s_empty;
        var stored = Math.Clamp(_numbers.Count - (number * IRegistryGrain.PartitionSize), 0, members.Keys.Length);
        return Task.FromResult(members with { Keys = members.Keys[..stored], SizeClasses = members.SizeClasses[..stored] });
    }

    private void Number(IEnumerable<string> clients)
    {
        foreach (var client in clients)
        {
            _numbers.Add(client, _numbers.Count);
        }
    }

    private LazyState<RegistryState> Partition(int number) => new(FormattableString.Invariant($"registry-{number}"), this, storage);
}

/// <summary>A partition as it is stored.</summary>
[GenerateSerializer, Alias("fedrec.state.registry")]
internal sealed record RegistryState
{
    /// <summary>Its clients.</summary>
    [Id(0)] public RegistryPartition Members { get; init; } = new([], []);
}
