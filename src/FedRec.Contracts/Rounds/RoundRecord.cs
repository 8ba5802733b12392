using System.Collections.Immutable;

namespace FedRec.Contracts.Rounds;

/// <summary>What a round did; also its progress while it is open.</summary>
[GenerateSerializer, Immutable, Alias("fedrec.round-record")]
public sealed record RoundRecord
{
    /// <summary>Round from 1.</summary>
    [Id(0)] public int Round { get; init; }

    /// <summary><c>Planned</c>, <c>Collecting</c>, <c>Aggregating</c>, <c>Committed</c> or <c>Abandoned</c>.</summary>
    [Id(1)] public string Phase { get; init; } = "Planned";

    /// <summary>Why it was abandoned; null otherwise.</summary>
    [Id(2)] public string? Reason { get; init; }

    /// <summary>Clients asked.</summary>
    [Id(3)] public int Asked { get; init; }

    /// <summary>Updates counted in the sum.</summary>
    [Id(4)] public int Participants { get; init; }

    /// <summary>Clients that dropped out or failed.</summary>
    [Id(5)] public int Dropped { get; init; }

    /// <summary>Clients that missed the deadline.</summary>
    [Id(6)] public int Late { get; init; }

    /// <summary>Updates refused: not finite, out of range, wrong shape.</summary>
    [Id(7)] public int Rejected { get; init; }

    /// <summary>Weighted mean training loss; null before the first update, and in rounds that measure none, such as those that add up statistics.</summary>
    [Id(8)] public double? Loss { get; init; }

    /// <summary>Largest share of one client in the mean, in (0, 1].</summary>
    [Id(9)] public double LargestShare { get; init; }

    /// <summary>Bytes of the updates that clients sent, as they are encoded; they would travel where each client is a process of its own.</summary>
    [Id(10)] public long BytesUp { get; init; }

    /// <summary>Bytes of parameters that clients were sent, likewise.</summary>
    [Id(11)] public long BytesDown { get; init; }

    /// <summary>Wall time of the round, in milliseconds.</summary>
    [Id(12)] public double Milliseconds { get; init; }

    /// <summary>L2 norm of the step the server took.</summary>
    [Id(13)] public double StepNorm { get; init; }

    /// <summary>Version published by this round; 0 when it published none.</summary>
    [Id(14)] public long Version { get; init; }

    /// <summary>The gravest of what was wrong with the rejected updates, or with the model that the round would have made; null when all was well.</summary>
    [Id(15)] public UpdateFault? Fault { get; init; }

    /// <summary>Clients asked whose update is not counted, where clients keep something that depends on it; otherwise empty.</summary>
    [Id(16)] public ImmutableArray<int> Missing { get; init; } = [];

    /// <summary>Share of the counted clients whose update was clipped, in [0, 1]; 0 where nothing is clipped.</summary>
    [Id(17)] public double ClippedShare { get; init; }

    /// <summary>What the round took in virtual time, in seconds: the deadline is real, who comes when is drawn; 0 in real time.</summary>
    [Id(18)] public double VirtualSeconds { get; init; }

    /// <summary>How many of the counted updates came from a model that was 0, 1, 2, … steps behind; empty unless the run is asynchronous.</summary>
    [Id(19)] public ImmutableArray<int> Staleness { get; init; } = [];

    /// <summary>Root of the mean squared distance of the clients' models from their average, where there is no server; otherwise null.</summary>
    [Id(20)] public double? ConsensusDistance { get; init; }

    /// <summary>Bytes of the sums that the round was sent by silos or regions, which have put updates together.</summary>
    [Id(21)] public long SumBytes { get; init; }

    /// <summary>The deadline of the round, in seconds.</summary>
    [Id(22)] public double DeadlineSeconds { get; init; }

    /// <summary>Time in which 95 % of the clients that answered had answered, in seconds; 0 where none did.</summary>
    [Id(23)] public double AnswerSeconds { get; init; }

    /// <summary>Clients that were left alone, as they had failed too often.</summary>
    [Id(24)] public int Resting { get; init; }

    /// <summary>Bytes of parameters that the run has sent to other silos since the record before, as they were sent: what has changed, where a silo holds an earlier round.</summary>
    [Id(25)] public long ModelBytes { get; init; }

    /// <summary>Silos that held something else than the run had, and were sent all of the parameters.</summary>
    [Id(26)] public int Resyncs { get; init; }

    /// <summary>Of <see cref="SumBytes"/> those that came from another silo than the round's: on one silo nothing moves.</summary>
    [Id(27)] public long MovedSumBytes { get; init; }
}

/// <summary>What was wrong with an update that could not be added to a sum, or with the model that a sum would have made.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Block">The block of the update, such as <c>item_factors</c>, or <c>loss</c> or <c>weight</c>; empty when it is not known.</param>
/// <param name="Value">The value, times its weight, to one digit, as it is one client's; 0 where it is not finite.</param>
/// <param name="Limit">The largest that is allowed; for a weight that is too small, the smallest.</param>
[GenerateSerializer, Immutable, Alias("fedrec.update-fault")]
public sealed record UpdateFault(
    [property: Id(0)] UpdateFaultKind Kind,
    [property: Id(1)] string Block,
    [property: Id(2)] double Value,
    [property: Id(3)] double Limit);

/// <summary>Why an update could not be added; the gravest first.</summary>
[GenerateSerializer, Alias("fedrec.update-fault-kind")]
public enum UpdateFaultKind
{
    /// <summary>A value is not finite.</summary>
    NotFinite = 0,

    /// <summary>A value is larger than one client may add.</summary>
    TooLarge = 1,

    /// <summary>The weight is too small to be told from zero.</summary>
    WeightTooSmall = 2,

    /// <summary>It does not fit the plan.</summary>
    Misfit = 3,
}
