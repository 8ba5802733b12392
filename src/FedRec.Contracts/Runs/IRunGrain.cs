using Orleans.Concurrency;

namespace FedRec.Contracts.Runs;

/// <summary>Drives one run, round after round; the key is <c>federation/run</c>.</summary>
/// <remarks>Started by <see cref="Federations.IFederationGrain"/>, which lets one run be active at a time.</remarks>
[Alias("fedrec.run")]
public interface IRunGrain : IGrainWithStringKey
{
    /// <summary>Reads the data of a run that is to start and checks the request on it. Nothing is stored; meanwhile the run is
    /// <see cref="RunPhase.Loading"/> for whoever asks, and <see cref="StopAsync"/> ends the wait.</summary>
    /// <param name="request">The run.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Why the run cannot start: what is wrong with the data, the learner or an option; null when it can.</returns>
    /// <remarks>Waits as long as the data is being read.</remarks>
    [Alias("check"), ResponseTimeout("01:00:00")]
    Task<RunReceipt?> CheckAsync(RunRequest request, CancellationToken cancellationToken = default);

    /// <summary>Makes the run durable, as its federation asks before it lists it. It is driven from <see cref="ResumeAsync"/> on; one that no federation lists is none.</summary>
    /// <param name="request">The run, checked; takes the place of one whose start was cut off.</param>
    /// <param name="cancellationToken">Ends the wait; the run may be stored.</param>
    /// <exception cref="ArgumentException">The run goes on with other settings already.</exception>
    [Alias("start"), ResponseTimeout("01:00:00")]
    Task StartAsync(RunRequest request, CancellationToken cancellationToken = default);

    /// <summary>Drives a run that its federation lists: one that was just started, or an unfinished one after a restart; does nothing for one that has ended.</summary>
    [Alias("resume")]
    Task ResumeAsync(CancellationToken cancellationToken = default);

    /// <summary>Asks the run to stop after the open round; what was trained is published, and put in use by the same rule as at any other end.</summary>
    [Alias("stop"), AlwaysInterleave]
    Task StopAsync(CancellationToken cancellationToken = default);

    /// <summary>Where the run stands; null when there is no such run.</summary>
    [Alias("status"), AlwaysInterleave]
    Task<RunStatus?> GetStatusAsync(CancellationToken cancellationToken = default);

    /// <summary>Events with a number above <paramref name="after"/>, waiting for the next one when there is none.</summary>
    /// <param name="after">Number of the last event seen; 0 for all that are still known.</param>
    /// <param name="wait">Longest wait; at most 20 s.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    [Alias("events"), AlwaysInterleave]
    Task<RunEvents> ReadEventsAsync(long after, TimeSpan wait, CancellationToken cancellationToken = default);

    /// <summary>Parameters after a round, for silos that train the next one or evaluate it.</summary>
    /// <param name="round">The round whose result is asked for; 0 for the initial parameters.</param>
    /// <param name="offset">First byte wanted.</param>
    /// <param name="count">Bytes wanted, at most 16 MiB.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Little-endian float32 bytes; null when the run no longer holds that round.</returns>
    [Alias("parameters"), AlwaysInterleave]
    Task<ParameterSlice?> ReadParametersAsync(int round, int offset, int count, CancellationToken cancellationToken = default);

    /// <summary>Tells a client that keeps something from round to round, before it trains, whether an earlier round has counted its update.</summary>
    /// <param name="client">Number of the client.</param>
    /// <param name="round">The round it is to train for, which must be the open one: so an order that comes late is not followed.</param>
    /// <param name="earlier">The last round it has trained for; 0 when there is none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>True when the earlier round was committed with the client's update in it.</returns>
    /// <exception cref="ArgumentException">The round is not open.</exception>
    [Alias("has-counted"), AlwaysInterleave]
    Task<bool> HasCountedAsync(int client, int round, int earlier, CancellationToken cancellationToken = default);
}

/// <summary>A part of a flat parameter vector.</summary>
/// <param name="TotalBytes">Bytes of the whole vector.</param>
/// <param name="Bytes">The part asked for; little-endian float32.</param>
[GenerateSerializer, Immutable, Alias("fedrec.parameter-slice")]
public sealed record ParameterSlice(
    [property: Id(0)] int TotalBytes,
    [property: Id(1)] ReadOnlyMemory<byte> Bytes);
