using System.Collections.Immutable;

namespace FedRec.Contracts.Rounds;

/// <summary>The exact sum of some clients' updates in fixed point, and who could not be added.</summary>
[GenerateSerializer, Immutable, Alias("fedrec.partial-sum")]
public sealed record PartialSum
{
    /// <summary>Round the updates were trained for.</summary>
    [Id(0)] public required int Round { get; init; }

    /// <summary>Version they were trained from.</summary>
    [Id(1)] public required long BaseVersion { get; init; }

    /// <summary>Numbers of the clients in the sum.</summary>
    [Id(2)] public ImmutableArray<int> Clients { get; init; } = [];

    /// <summary>Encoded sums, little-endian int64, or the updates one by one where the aggregator is not the mean; empty when no client is in it.</summary>
    [Id(3)] public ReadOnlyMemory<byte> Values { get; init; }

    /// <summary>Encoded sum of weights.</summary>
    [Id(4)] public long Weight { get; init; }

    /// <summary>Encoded sum of weight · loss.</summary>
    [Id(5)] public long Loss { get; init; }

    /// <summary>Examples trained on.</summary>
    [Id(6)] public long Examples { get; init; }

    /// <summary>Largest weight of one client.</summary>
    [Id(7)] public double MaxWeight { get; init; }

    /// <summary>Bytes of the clients' updates as they are encoded.</summary>
    [Id(8)] public long BytesUp { get; init; }

    /// <summary>Clients whose training failed.</summary>
    [Id(9)] public ImmutableArray<int> Failed { get; init; } = [];

    /// <summary>Clients whose update was not finite, out of range or out of shape.</summary>
    [Id(10)] public ImmutableArray<int> Rejected { get; init; } = [];

    /// <summary>Names the values that were sent ahead in blocks; empty when they are in <see cref="Values"/>.</summary>
    [Id(11)] public Guid Staged { get; init; }

    /// <summary>Fraction bits of the encoded sums. Default: 32.</summary>
    [Id(12)] public int FractionBits { get; init; } = 32;

    /// <summary>The gravest of what was wrong with the rejected updates; null when none was rejected.</summary>
    [Id(13)] public UpdateFault? Fault { get; init; }

    /// <summary>Clients in the sum whose update was clipped.</summary>
    [Id(14)] public int Clipped { get; init; }

    /// <summary>The round that is to collect it, where that is a later one than the updates were trained for; 0 for the same. Default: 0.</summary>
    [Id(15)] public int Collecting { get; init; }

    /// <summary>The region that puts it together with others on its way, from 1; 0 where it goes to its round. Default: 0.</summary>
    [Id(16)] public int Region { get; init; }

    /// <summary>The silo that sends it; null from a silo of an earlier release.</summary>
    [Id(17)] public SiloAddress? From { get; init; }

    /// <summary>The round that is to collect it.</summary>
    public int CollectedIn() => Math.Max(Round, Collecting);
}

/// <summary>A block of a sum's values.</summary>
/// <param name="Sum">The sum it belongs to.</param>
/// <param name="Offset">Where it begins, in bytes.</param>
/// <param name="TotalBytes">Bytes of the whole sum.</param>
/// <param name="Bytes">Encoded sums, little-endian int64.</param>
[GenerateSerializer, Immutable, Alias("fedrec.sum-block")]
public sealed record SumBlock(
    [property: Id(0)] Guid Sum,
    [property: Id(1)] int Offset,
    [property: Id(2)] int TotalBytes,
    [property: Id(3)] ReadOnlyMemory<byte> Bytes);

/// <summary>What became of a submission. Only <see cref="Accepted"/> changes the round.</summary>
[GenerateSerializer, Alias("fedrec.update-receipt")]
public enum UpdateReceipt
{
    /// <summary>Counted.</summary>
    Accepted = 0,

    /// <summary>A client in it is counted already; nothing of it was counted again.</summary>
    Duplicate = 1,

    /// <summary>The round has closed.</summary>
    Late = 2,

    /// <summary>Trained for another round or from another version.</summary>
    Stale = 3,

    /// <summary>A client in it was not asked.</summary>
    NotInvited = 4,

    /// <summary>The number of values, or their scale, is not the plan's.</summary>
    WrongShape = 5,

    /// <summary>Empty, or its weights or counts contradict each other, or its values are more than its clients can have sent.</summary>
    Malformed = 6,

    /// <summary>No such round.</summary>
    UnknownRound = 7,

    /// <summary>Blocks of it are missing, perhaps lost in a crash: send them again.</summary>
    Incomplete = 8,
}
