using FedRec.Contracts.Rounds;

namespace FedRec.Grains.Rounds;

/// <summary>What a round must remember over a crash.</summary>
[GenerateSerializer, Alias("fedrec.state.round")]
internal sealed record RoundState
{
    /// <summary>The plan; null before the round is opened.</summary>
    [Id(0)] public RoundOrder? Order { get; init; }

    /// <summary>What is counted so far, as of the last checkpoint.</summary>
    [Id(1)] public PartialSum? Counted { get; init; }

    /// <summary>The closed round's counters; null while it is open.</summary>
    [Id(2)] public RoundRecord? Closed { get; init; }
}
