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
    /// <param name="source">What it is about.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Why the run cannot start: what is wrong with the data, the learner or an option; null when it can.</returns>
    /// <remarks>Waits as long as the data is being read.</remarks>
    [Alias("check-source"), ResponseTimeout("01:00:00")]
    Task<RunReceipt?> CheckAsync(RunRequest request, RunSource source, CancellationToken cancellationToken = default);

    /// <summary>Makes the run durable, as its federation asks before it lists it. It is driven from <see cref="ResumeAsync"/> on; one that no federation lists is none.</summary>
    /// <param name="request">The run, checked; takes the place of one whose start was cut off.</param>
    /// <param name="source">What it is about, which it keeps.</param>
    /// <param name="cancellationToken">Ends the wait; the run may be stored.</param>
    /// <exception cref="ArgumentException">The run goes on with other settings, or about something else, already.</exception>
    [Alias("start-source"), ResponseTimeout("01:00:00")]
    Task StartAsync(RunRequest request, RunSource source, CancellationToken cancellationToken = default);

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
    /// <param name="wait">Longest wait; after 2 s the answer comes without events, since an activation does not end before its last call.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    [Alias("events"), AlwaysInterleave]
    Task<RunEvents> ReadEventsAsync(long after, TimeSpan wait, CancellationToken cancellationToken = default);

    /// <summary>Tells whoever watches the run that a party would not train; nothing is stored, and a run that has ended tells nothing.</summary>
    /// <param name="round">The round that it was asked for.</param>
    /// <param name="party">Name of the party.</param>
    /// <param name="reason">Why, as <see cref="RemoteParties.PartyRefusal.Kept"/> leaves it.</param>
    /// <remarks>Nobody waits for it: the round is told by another way.</remarks>
    [Alias("note-refusal"), OneWay, AlwaysInterleave]
    Task NoteRefusalAsync(int round, string party, string reason);

    /// <summary>Parameters after a round, for silos that train the next one or evaluate it.</summary>
    /// <param name="round">The round whose result is asked for; 0 for the initial parameters.</param>
    /// <param name="offset">First byte wanted.</param>
    /// <param name="count">Bytes wanted, at most 16 MiB.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Little-endian float32 bytes; null when the run no longer holds that round.</returns>
    [Alias("parameters"), AlwaysInterleave]
    Task<ParameterSlice?> ReadParametersAsync(int round, int offset, int count, CancellationToken cancellationToken = default);

    /// <summary>As <see cref="ReadParametersAsync"/>, for a silo that holds the parameters after an earlier round: what has changed, where that is smaller.</summary>
    /// <param name="request">What is wanted and what is held.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A part of the difference or of the parameters; null when the run no longer holds the round.</returns>
    [Alias("parameter-change"), AlwaysInterleave]
    Task<ParameterChange?> ReadChangeAsync(ParameterRequest request, CancellationToken cancellationToken = default);

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
/// <param name="Phase">Where the run stands with the parameters, such as <c>training/0</c>; null from a program of before there were phases, whose parameters say it.</param>
[GenerateSerializer, Immutable, Alias("fedrec.parameter-slice")]
public sealed record ParameterSlice(
    [property: Id(0)] int TotalBytes,
    [property: Id(1)] ReadOnlyMemory<byte> Bytes,
    [property: Id(2)] string? Phase = null)
{
    /// <summary>Bytes of one part at most, however many are asked for: Orleans closes a connection at 100 MB.</summary>
    public const int MostBytes = 16 << 20;

    /// <summary>Whether the run tells what has changed (<see cref="IRunGrain.ReadChangeAsync"/>); a silo of an earlier release does not. Default: false.</summary>
    [Id(3)] public bool TellsChanges { get; init; }
}

/// <summary>What a silo wants of a run's parameters.</summary>
/// <param name="Round">The round after which they hold.</param>
/// <param name="Held">An earlier round whose parameters the silo holds; null for none.</param>
/// <param name="Offset">First byte wanted of what is sent.</param>
/// <param name="Count">Bytes wanted, at most 16 MiB.</param>
/// <param name="IsResync">Whether what the silo holds turned out to be something else than the run has: then all is sent, and it is counted.</param>
[GenerateSerializer, Immutable, Alias("fedrec.parameter-request")]
public sealed record ParameterRequest(
    [property: Id(0)] int Round,
    [property: Id(1)] int? Held,
    [property: Id(2)] int Offset,
    [property: Id(3)] int Count,
    [property: Id(4)] bool IsResync = false);

/// <summary>A part of a parameter vector, or of what has changed in it.</summary>
/// <param name="TotalBytes">Bytes of all parts.</param>
/// <param name="Bytes">The part asked for.</param>
/// <param name="Phase">As <see cref="ParameterSlice.Phase"/>.</param>
/// <param name="Sha256">SHA-256 of the parameters as little-endian float32, which the receiver must come to; lower-case hexadecimal.</param>
/// <param name="IsDifference">Whether it is what has changed since the parameters that are held, packed; else the parameters themselves.</param>
[GenerateSerializer, Immutable, Alias("fedrec.parameter-change")]
public sealed record ParameterChange(
    [property: Id(0)] int TotalBytes,
    [property: Id(1)] ReadOnlyMemory<byte> Bytes,
    [property: Id(2)] string Phase,
    [property: Id(3)] string Sha256,
    [property: Id(4)] bool IsDifference);

/// <summary>What must be said with every result of a field.</summary>
public static class ScenarioNotice
{
    /// <summary>The sentence of a scenario.</summary>
    /// <param name="scenario">As <see cref="DataSpec.Scenario"/> names it; null for plain interactions.</param>
    /// <returns>Null where nothing must be said.</returns>
    public static string? Of(string? scenario) => scenario == "clinic" ? "Not medical advice: a demonstration of federated learning." : null;
}

/// <summary>The data of a run cannot be used. The message may quote what the file holds, for whoever may read it.</summary>
[GenerateSerializer, Alias("fedrec.data-not-usable")]
public sealed class DataNotUsableException : ArgumentException
{
    /// <summary>Reports data that cannot be used.</summary>
    /// <param name="message">What is wrong and what to do next; may quote the file.</param>
    /// <param name="place">The file and its line, when one is to blame.</param>
    public DataNotUsableException(string message, string? place)
        : base(message) => Place = place;

    /// <summary>The file and its line, such as <c>shop.csv, line 3</c>; null when no file is to blame.</summary>
    [Id(0)] public string? Place { get; }

    /// <summary>The message for those who may not read the file, nor know where it lies.</summary>
    public string Guarded => Guard(Path.GetFileName(Place));

    /// <summary>What those may hear of any failure who may not read the data.</summary>
    public static string MessageOf(Exception exception) => exception is DataNotUsableException data ? data.Guarded : exception.Message;

    /// <summary>Says where the data is wrong, and nothing of what it holds.</summary>
    /// <param name="place">The file and its line; null when no file is to blame.</param>
    public static string Guard(string? place) =>
        $"{(string.IsNullOrEmpty(place) ? "The data" : place.TrimEnd(' ', ':'))} cannot be read as it was asked for. 'fedrec data inspect' says why to those who may read the file.";
}
