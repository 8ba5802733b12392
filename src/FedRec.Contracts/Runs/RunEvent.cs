using System.Collections.Immutable;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Rounds;

namespace FedRec.Contracts.Runs;

/// <summary>Something that happened in a run. Exactly the member that belongs to the kind is set.</summary>
[GenerateSerializer, Immutable, Alias("fedrec.run-event")]
public sealed record RunEvent
{
    /// <summary>Number within the run, from 1, without gaps.</summary>
    [Id(0)] public long Id { get; init; }

    /// <summary><c>run.loading</c>, <c>run.started</c>, <c>run.working</c>, <c>warm-start</c>, <c>round.started</c>, <c>round.progress</c>, <c>round.done</c>, <c>party.refused</c>, <c>eval</c>, <c>model</c> or <c>run.done</c>.</summary>
    [Id(1)] public required string Kind { get; init; }

    /// <summary>When it happened.</summary>
    [Id(2)] public DateTimeOffset At { get; init; }

    /// <summary>Round it belongs to; 0 when it belongs to none.</summary>
    [Id(3)] public int Round { get; init; }

    /// <summary>With <c>round.started</c>, <c>round.progress</c> and <c>round.done</c>.</summary>
    [Id(4)] public RoundRecord? Record { get; init; }

    /// <summary>With <c>eval</c>.</summary>
    [Id(5)] public EvaluationRecord? Evaluation { get; init; }

    /// <summary>With <c>model</c>: the version published.</summary>
    [Id(6)] public long Version { get; init; }

    /// <summary>With <c>run.loading</c>: what is being read, and where. With <c>run.working</c>: what is being worked out. With <c>run.started</c> and <c>run.done</c>: the phase and reason in words. With
    /// <c>warm-start</c>: what of another federation's version is used. With <c>model</c>: whether it was put in use, and why. With <c>party.refused</c>: which party, and its reason.</summary>
    [Id(7)] public string? Text { get; init; }
}

/// <summary>Events after a given one; empty when the wait ended first.</summary>
/// <param name="Events">In order.</param>
/// <param name="Ended">True when the run has ended and no further events follow.</param>
[GenerateSerializer, Immutable, Alias("fedrec.run-events")]
public sealed record RunEvents(
    [property: Id(0)] ImmutableArray<RunEvent> Events,
    [property: Id(1)] bool Ended);
