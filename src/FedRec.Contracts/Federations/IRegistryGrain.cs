using System.Collections.Immutable;
using Orleans.Concurrency;

namespace FedRec.Contracts.Federations;

/// <summary>Who takes part in a federation whose clients keep their data themselves; the key is the federation's name.</summary>
/// <remarks>Clients are numbered from 0 as they join; a number is never given twice. Of a client it knows the key, a keyed hash, a size class, and of an organisation the number of its users
/// and the label of the silos that it is bound to.
/// It is stored in partitions of <see cref="PartitionSize"/> clients, so that a client that joins costs its partition and not all.</remarks>
[Alias("fedrec.registry")]
public interface IRegistryGrain : IGrainWithStringKey
{
    /// <summary>Clients of a full partition.</summary>
    const int PartitionSize = 2_048;

    /// <summary>Takes clients in, in the order given; durable when it returns. May be repeated: a client that is known keeps its number.</summary>
    /// <param name="clients">Keys of the clients, see <see cref="Histories.IUserRegistryGrain"/>.</param>
    /// <param name="cancellationToken">Ends the wait; they may have been taken in.</param>
    /// <returns>Their numbers.</returns>
    [Alias("join")]
    Task<ImmutableArray<int>> JoinAsync(ImmutableArray<string> clients, CancellationToken cancellationToken = default);

    /// <summary>Notes how much clients hold; durable when it returns.</summary>
    [Alias("note-sizes")]
    Task NoteSizesAsync(ImmutableArray<ClientSize> sizes, CancellationToken cancellationToken = default);

    /// <summary>Binds a client to silos with a label; one that is not there yet joins. Durable when it returns; may be repeated.</summary>
    /// <param name="client">Its key.</param>
    /// <param name="label">Such as <c>region=eu</c>; null for any silo.</param>
    /// <param name="cancellationToken">Ends the wait; the label may have been set.</param>
    [Alias("set-label")]
    Task SetLabelAsync(string client, string? label, CancellationToken cancellationToken = default);

    /// <summary>The number of a client; null when it has not joined.</summary>
    [Alias("find"), AlwaysInterleave]
    Task<int?> FindAsync(string client, CancellationToken cancellationToken = default);

    /// <summary>The clients that are bound to silos with a label, as far as that is durable.</summary>
    [Alias("labels"), AlwaysInterleave]
    Task<ImmutableArray<ClientLabel>> GetLabelsAsync(CancellationToken cancellationToken = default);

    /// <summary>Number of clients.</summary>
    [Alias("count"), AlwaysInterleave]
    Task<int> CountAsync(CancellationToken cancellationToken = default);

    /// <summary>A partition as it is now.</summary>
    /// <param name="number">From 0; clients of partition p have numbers from p times <see cref="PartitionSize"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    [Alias("read"), AlwaysInterleave]
    Task<RegistryPartition> ReadAsync(int number, CancellationToken cancellationToken = default);
}

/// <summary>How much a client holds.</summary>
/// <param name="Client">Number of the client.</param>
/// <param name="SizeClass">0 for nothing, n for at least 2ⁿ⁻¹ and less than 2ⁿ interactions.</param>
[GenerateSerializer, Immutable, Alias("fedrec.client-size")]
public readonly record struct ClientSize([property: Id(0)] int Client, [property: Id(1)] byte SizeClass)
{
    /// <summary>Users of an organisation; null for a client that is a user. Default: null.</summary>
    [Id(2)] public int? Users { get; init; }
}

/// <summary>A client that is bound to silos with a label.</summary>
/// <param name="Client">Its number.</param>
/// <param name="Key">Its key.</param>
/// <param name="Label">Such as <c>region=eu</c>.</param>
[GenerateSerializer, Immutable, Alias("fedrec.client-label")]
public readonly record struct ClientLabel([property: Id(0)] int Client, [property: Id(1)] string Key, [property: Id(2)] string Label);

/// <summary>Some clients of a registry, in the order of their numbers.</summary>
/// <param name="Keys">Keys of the clients.</param>
/// <param name="SizeClasses">As <see cref="ClientSize.SizeClass"/>, one for each.</param>
[GenerateSerializer, Immutable, Alias("fedrec.registry-partition")]
public sealed record RegistryPartition(
    [property: Id(0)] ImmutableArray<string> Keys,
    [property: Id(1)] ImmutableArray<byte> SizeClasses)
{
    /// <summary>Number of users of each organisation among them, by its place; every other client is one user.</summary>
    [Id(2)]
    public ImmutableSortedDictionary<int, int> Users
    {
        get => field ?? ImmutableSortedDictionary<int, int>.Empty; // a partition that was stored before there were organisations has none
        init;
    } = ImmutableSortedDictionary<int, int>.Empty;

    /// <summary>Labels of the silos that clients among them are bound to, by their place; every other client may be anywhere.</summary>
    [Id(3)]
    public ImmutableSortedDictionary<int, string> Labels
    {
        get => field ?? ImmutableSortedDictionary<int, string>.Empty; // a partition of before has none
        init;
    } = ImmutableSortedDictionary<int, string>.Empty;
}
