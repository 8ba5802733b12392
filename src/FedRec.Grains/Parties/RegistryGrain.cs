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
    private static readonly SegmentedLog s_log = new(IRegistryGrain.PartitionSize, IRegistryGrain.PartitionSize);
    private readonly List<LazyState<RegistryState>> _partitions = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private ImmutableArray<ClientLabel> _labels = []; // as far as they are stored

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

        var beyond = Partition(_partitions.Count);
        await beyond.ReadAsync(() => { });
        if (!beyond.State.Members.Keys.IsEmpty) // or clients would get numbers that others have
        {
            throw new InvalidDataException(
                $"registry-{_partitions.Count - 1} of {this.GetGrainId()}, which has a successor, is not full: clients are missing in the store. Restore it from a backup; until then nobody joins, and nothing is trained.");
        }

        FindLabels();
    }

    public async Task<ImmutableArray<int>> JoinAsync(ImmutableArray<string> clients, CancellationToken cancellationToken = default)
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        ImmutableArray<string> joining = [.. clients.Where(client => !_numbers.ContainsKey(client) && named.Add(client))];
        if (!joining.IsEmpty)
        {
            var (full, tail) = await s_log.AppendAsync(_partitions.Count - 1, _partitions[^1].State.Members.Keys, joining, FillAsync);
            if (!tail.IsEmpty)
            {
                await FillAsync(full, tail);
            }
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

    public async Task SetLabelAsync(string client, string? label, CancellationToken cancellationToken = default)
    {
        var number = (await JoinAsync([client], cancellationToken))[0];
        var (partition, place) = (_partitions[number / IRegistryGrain.PartitionSize], number % IRegistryGrain.PartitionSize);
        var members = partition.State.Members;
        if (members.Labels.GetValueOrDefault(place) != label)
        {
            partition.State = new RegistryState { Members = members with { Labels = label is null ? members.Labels.Remove(place) : members.Labels.SetItem(place, label) } };
            await partition.WriteAsync();
            FindLabels();
        }
    }

    public Task<int?> FindAsync(string client, CancellationToken cancellationToken = default) => Task.FromResult(_numbers.TryGetValue(client, out var number) ? number : default(int?));

    public Task<ImmutableArray<ClientLabel>> GetLabelsAsync(CancellationToken cancellationToken = default) => Task.FromResult(_labels);

    public Task<int> CountAsync(CancellationToken cancellationToken = default) => Task.FromResult(_numbers.Count);

    // As far as it is stored: what is being written is not known yet.
    public Task<RegistryPartition> ReadAsync(int number, CancellationToken cancellationToken = default)
    {
        var members = number < _partitions.Count ? _partitions[number].State.Members : s_empty;
        var stored = Math.Clamp(_numbers.Count - (number * IRegistryGrain.PartitionSize), 0, members.Keys.Length);
        return Task.FromResult(members with { Keys = members.Keys[..stored], SizeClasses = members.SizeClasses[..stored] });
    }

    // The last partition is its own head: it is written with whoever joins.
    private async Task FillAsync(int number, ImmutableArray<string> keys)
    {
        if (number == _partitions.Count)
        {
            _partitions.Add(Partition(number));
            _partitions[number].SkipReading();
        }

        var members = _partitions[number].State.Members;
        if (keys.Length > members.Keys.Length)
        {
            _partitions[number].State = new RegistryState { Members = members with { Keys = keys, SizeClasses = members.SizeClasses.AddRange(new byte[keys.Length - members.Keys.Length]) } };
            await _partitions[number].WriteAsync();
            Number(keys[members.Keys.Length..]);
        }
    }

    private void Number(IEnumerable<string> clients)
    {
        foreach (var client in clients)
        {
            _numbers.Add(client, _numbers.Count);
        }
    }

    private void FindLabels() => _labels =
    [
        .. from partition in _partitions.Select((one, number) => (one.State.Members, First: number * IRegistryGrain.PartitionSize))
           from label in partition.Members.Labels
           select new ClientLabel(partition.First + label.Key, partition.Members.Keys[label.Key], label.Value),
    ];

    private LazyState<RegistryState> Partition(int number) => new(FormattableString.Invariant($"registry-{number}"), this, storage);
}

/// <summary>A partition as it is stored.</summary>
[GenerateSerializer, Alias("fedrec.state.registry")]
internal sealed record RegistryState
{
    /// <summary>Its clients.</summary>
    [Id(0)] public RegistryPartition Members { get; init; } = new([], []);
}
