using System.Collections.Immutable;
using FedRec.Contracts.Histories;

namespace FedRec.Grains.Parties;

/// <summary>What a client cannot derive and must remember over a crash. It never leaves the client.</summary>
[GenerateSerializer, Alias("fedrec.state.client")]
internal sealed record ClientState
{
    /// <summary>Name of the stored state.</summary>
    public const string Name = "client";

    /// <summary>What its users did after the data was loaded, in order; written by older versions only, see <see cref="NumberedHistories"/>.</summary>
    [Id(0)] public ImmutableArray<RecordedChange> Changes { get; init; } = [];

    /// <summary>What the learner keeps from round to round; null for learners that keep nothing.</summary>
    [Id(1)] public KeptState? Kept { get; init; }
}

/// <summary>A change and the runs that it is part of.</summary>
/// <param name="Change">The change.</param>
/// <param name="LastRun">Number of the last run that is without it.</param>
[GenerateSerializer, Immutable, Alias("fedrec.state.recorded-change")]
internal sealed record RecordedChange(
    [property: Id(0)] HistoryChange Change,
    [property: Id(1)] int LastRun);

/// <summary>A learner's private state around one round: the round can be repeated, and its state is adopted only when it has counted the client.</summary>
/// <param name="RunKey">The run.</param>
/// <param name="Round">The last round that the client trained for.</param>
/// <param name="Before">The adopted state, from before that round.</param>
/// <param name="After">The state to adopt if that round counts the client.</param>
/// <param name="Epoch">The attempt at driving the run that the round was of; 0 in states of older programs.</param>
[GenerateSerializer, Immutable, Alias("fedrec.state.kept")]
internal sealed record KeptState(
    [property: Id(0)] string RunKey,
    [property: Id(1)] int Round,
    [property: Id(2)] ReadOnlyMemory<byte> Before,
    [property: Id(3)] ReadOnlyMemory<byte> After,
    [property: Id(4)] int Epoch = 0);
