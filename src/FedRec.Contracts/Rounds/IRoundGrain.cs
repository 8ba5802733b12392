using System.Collections.Immutable;
using FedRec.Contracts.Runs;
using Orleans.Concurrency;

namespace FedRec.Contracts.Rounds;

/// <summary>Collects one round's updates; the key is <c>federation/run/round</c>.</summary>
/// <remarks>Sums of updates come from each silo's local aggregation. The plan is durable before anyone is asked, and a sum is
/// counted once however often it is sent.</remarks>
[Alias("fedrec.round")]
public interface IRoundGrain : IGrainWithStringKey
{
    /// <summary>Stores the plan and asks the cohort; repeating it changes nothing while the round's sum is in memory.</summary>
    /// <remarks>After a crash a closed round is opened again, because its sum is needed again; an abandoned one stays abandoned.</remarks>
    /// <param name="order">The plan; must equal the stored one when there is one.</param>
    /// <param name="cancellationToken">Ends the wait; the round may have been opened.</param>
    /// <exception cref="ArgumentException">The stored plan is of another catalogue.</exception>
    [Alias("open")]
    Task OpenAsync(RoundOrder order, CancellationToken cancellationToken = default);

    /// <summary>The round is opened next: making its grain takes as long as a tenth of a round, and can be done while the one before it trains. May be left out.</summary>
    [Alias("wake"), OneWay]
    Task WakeAsync();

    /// <summary>Waits for the round to close.</summary>
    /// <param name="wait">Longest wait; at most 20 s.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The result; null while the round is open.</returns>
    /// <exception cref="InvalidOperationException">The round was never opened.</exception>
    [Alias("wait"), AlwaysInterleave]
    Task<RoundResult?> WaitAsync(TimeSpan wait, CancellationToken cancellationToken = default);

    /// <summary>Takes in a block of a sum that is too large for one message; the sum counts once it is submitted. May be repeated.</summary>
    [Alias("stage")]
    Task StageAsync(SumBlock block, CancellationToken cancellationToken = default);

    /// <summary>Drops the blocks of a sum that its sender has given up. May be repeated.</summary>
    [Alias("unstage")]
    Task UnstageAsync(Guid sum, CancellationToken cancellationToken = default);

    /// <summary>Offers a sum of updates; safe to retry.</summary>
    /// <returns>The outcome; late, repeated and stale sums are answers, not errors.</returns>
    [Alias("submit")]
    Task<UpdateReceipt> SubmitAsync(PartialSum updates, CancellationToken cancellationToken = default);

    /// <summary>Takes what clients answer in a step of secure aggregation; safe to retry.</summary>
    /// <returns>False when it is of no use: the round has closed, or tries again with other keys.</returns>
    [Alias("answer")]
    Task<bool> AnswerAsync(SecureAnswers answers, CancellationToken cancellationToken = default);

    /// <summary>A block of the closed round's sum, where <see cref="RoundResult.SumBytes"/> says that it did not come with the result.</summary>
    /// <param name="offset">First byte wanted.</param>
    /// <param name="count">Bytes wanted.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The block; null when the round no longer holds its sum.</returns>
    [Alias("read-sum"), AlwaysInterleave]
    Task<SumBlock?> ReadSumAsync(int offset, int count, CancellationToken cancellationToken = default);

    /// <summary>Notes that the server has taken its step and, with a version, that it was published.</summary>
    /// <param name="version">Version published by this round; 0 when it published none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    [Alias("commit")]
    Task CommitAsync(long version, CancellationToken cancellationToken = default);

    /// <summary>The round's counters; null when it was never opened.</summary>
    [Alias("record"), AlwaysInterleave]
    Task<RoundRecord?> GetRecordAsync(CancellationToken cancellationToken = default);
}

/// <summary>What a round grain is told to do.</summary>
[GenerateSerializer, Immutable, Alias("fedrec.round-order")]
public sealed record RoundOrder
{
    /// <summary>Key of the run, <c>federation/run</c>.</summary>
    [Id(0)] public required string RunKey { get; init; }

    /// <summary>The round, from 1.</summary>
    [Id(1)] public required int Round { get; init; }

    /// <summary>Round of the run's last checkpoint, or 0: a repeated round has the same parameters, and another base.</summary>
    [Id(2)] public required long BaseVersion { get; init; }

    /// <summary>Clients of the federation, of which the cohort is drawn by the run's seed; 0 where it is drawn of <see cref="Among"/>: a silo of an earlier release, which passes over that, has
    /// nobody to draw then, and fails instead of asking all.</summary>
    [Id(3)] public required int Clients { get; init; }

    /// <summary>Seed of the run.</summary>
    [Id(4)] public required ulong Seed { get; init; }

    /// <summary>Cohort size, report goal, quorum and deadline.</summary>
    [Id(5)] public required RoundSettings Settings { get; init; }

    /// <summary>Values a sum must have.</summary>
    [Id(6)] public required int UpdateLength { get; init; }

    /// <summary>Bytes of the shared parameters each client receives.</summary>
    [Id(7)] public required long ParameterBytes { get; init; }

    /// <summary>Whether the plan is stored before anyone is asked. A round that is not is repeated from the last stored one.</summary>
    [Id(8)] public required bool Durable { get; init; }

    /// <summary>Fraction bits of encoded sums. Default: 32.</summary>
    [Id(9)] public int FractionBits { get; init; } = 32;

    /// <summary>What the items are that the round learns; null in plans of before, which name it through their run only. Default: null.</summary>
    [Id(10)] public CatalogueVersion? Catalogue { get; init; }

    /// <summary>Whoever may count in a round of an asynchronous run, in the order of their numbers; null where the cohort is drawn. Default: null.</summary>
    [Id(11)] public ImmutableArray<TrainedFor>? Asked { get; init; }

    /// <summary>Whether silos are asked for their share of the cohort, and not each client. Default: false.</summary>
    [Id(12)] public bool InBatches { get; init; }

    /// <summary>Grows with each attempt at driving the run, by the write that begins it; whoever has heard of a later one takes no order of an earlier one. Default: 0.</summary>
    [Id(13)] public int Epoch { get; init; }

    /// <summary>The epoch in which the run was last begun with its first round. Default: 0.</summary>
    [Id(14)] public int Since { get; init; }

    /// <summary>Numbers of the clients that the cohort is drawn of, ascending; null for all. Default: null.</summary>
    [Id(15)] public ImmutableArray<int>? Among { get; init; }
}

/// <summary>A client whose update may count in a round, and what it was trained for.</summary>
/// <param name="Client">Its number.</param>
/// <param name="Round">The round that it was asked in.</param>
/// <param name="BaseVersion">As the order of that round had it.</param>
/// <param name="Fate">What becomes of it in virtual time.</param>
[GenerateSerializer, Immutable, Alias("fedrec.trained-for")]
public readonly record struct TrainedFor(
    [property: Id(0)] int Client,
    [property: Id(1)] int Round,
    [property: Id(2)] long BaseVersion,
    [property: Id(3)] ClientFate Fate);

/// <summary>What becomes of a client in virtual time.</summary>
[GenerateSerializer, Alias("fedrec.client-fate")]
public enum ClientFate
{
    /// <summary>It is counted, if nothing real goes wrong.</summary>
    InTime = 0,

    /// <summary>It drops out.</summary>
    DropsOut = 1,

    /// <summary>Its update comes too late to count.</summary>
    TooLate = 2,
}

/// <summary>A version of a federation's catalogue: numbers are only added, so that counts name it, and the hash says that it is still the same.</summary>
/// <param name="Items">Items 0 to this.</param>
/// <param name="Corrections">Corrections of titles and tags that it has; 0 in a simulation.</param>
/// <param name="Sha256">SHA-256 of its file, as the manifests of the versions that come of it say.</param>
[GenerateSerializer, Immutable, Alias("fedrec.catalogue-version")]
public sealed record CatalogueVersion(
    [property: Id(0)] int Items,
    [property: Id(1)] int Corrections,
    [property: Id(2)] string Sha256);

/// <summary>A closed round.</summary>
/// <param name="Record">Its counters; the phase is <c>Aggregating</c>, <c>Committed</c> or <c>Abandoned</c>.</param>
/// <param name="Sum">The exact sum; null when the round was abandoned.</param>
/// <param name="SumBytes">Bytes of values that have to be read in blocks; 0 when the values are in <paramref name="Sum"/>.</param>
/// <param name="InTraining">Of an asynchronous run in real time, whoever was asked and has not answered; otherwise null. Default: null.</param>
/// <param name="Failed">Clients that could not be reached, failed, or sent what could not be added; null in results of earlier releases. Default: null.</param>
[GenerateSerializer, Immutable, Alias("fedrec.round-result")]
public sealed record RoundResult(
    [property: Id(0)] RoundRecord Record,
    [property: Id(1)] PartialSum? Sum,
    [property: Id(2)] int SumBytes = 0,
    [property: Id(3)] ImmutableArray<TrainedFor>? InTraining = null,
    [property: Id(4)] ImmutableArray<int>? Failed = null);
