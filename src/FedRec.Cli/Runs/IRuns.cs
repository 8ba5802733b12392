using FedRec.Contracts.Runs;
using FedRec.Web.Api;

namespace FedRec.Cli.Runs;

/// <summary>The runs of a FedRec that is running somewhere: reached as an Orleans client, or over HTTP. Both speak in the API's views.</summary>
internal interface IRuns : IAsyncDisposable
{
    /// <summary>Starts a run; it goes on without the caller.</summary>
    /// <exception cref="CliException">The request is refused, or another run is active.</exception>
    Task<RunStartedView> StartAsync(RunRequest request, CancellationToken cancellationToken);

    /// <summary>Runs of a federation, newest first.</summary>
    /// <param name="federation">Null for the one that was active last.</param>
    /// <param name="limit">At most so many, from 1 to 200.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<IReadOnlyList<RunView>> ListAsync(string? federation, int limit, CancellationToken cancellationToken);

    /// <summary>Where a run stands.</summary>
    /// <exception cref="CliException">There is no such run.</exception>
    Task<RunView> GetAsync(RunName run, CancellationToken cancellationToken);

    /// <summary>What its rounds did, and its curves.</summary>
    /// <exception cref="CliException">There is no such run.</exception>
    Task<MetricsView> GetMetricsAsync(RunName run, CancellationToken cancellationToken);

    /// <summary>Parties with a process of their own: which may take part in it, and what each has done for it.</summary>
    /// <exception cref="CliException">There is no such run.</exception>
    Task<IReadOnlyList<RunPartyView>> GetPartiesAsync(RunName run, CancellationToken cancellationToken);

    /// <summary>What happens in a run from an event on; ends with the run, or where the connection does.</summary>
    /// <param name="run">The run.</param>
    /// <param name="after">Number of the last event seen; 0 for all that are still known.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    IAsyncEnumerable<RunEvent> ReadEventsAsync(RunName run, long after, CancellationToken cancellationToken);

    /// <summary>Asks a run to stop after its open round.</summary>
    /// <exception cref="CliException">It has ended.</exception>
    Task StopAsync(RunName run, CancellationToken cancellationToken);

    /// <summary>Has a run go on; see <see cref="RunContinuation"/>.</summary>
    /// <exception cref="CliException">There is nothing left to do, or nothing to begin with.</exception>
    Task<RunStartedView> ResumeAsync(RunName run, CancellationToken cancellationToken);
}

/// <summary>Which run is meant.</summary>
/// <param name="Federation">Null for the one that was active last.</param>
/// <param name="Id">Such as <c>run-3</c>; null for the newest.</param>
internal sealed record RunName(string? Federation, string? Id)
{
    /// <summary>Reads <c>run-3</c>, <c>3</c> or <c>movies/run-3</c>.</summary>
    /// <param name="text">As typed; null for the newest.</param>
    /// <param name="federation">What <c>--federation</c> says; null without it.</param>
    /// <exception cref="CliException">Two federations are named, or it is no name.</exception>
    public static RunName Parse(string? text, string? federation)
    {
        var parts = text?.Split('/') ?? [];
        if (parts.Length > 2 || parts.Any(part => !FederationSelector.IsName(part)))
        {
            throw new CliException(ExitCode.Usage, $"'{text}' names no run.", "Write run-3, or movies/run-3 with the federation; fedrec run list shows them.");
        }

        if (parts is [var named, _] && federation is not null && named != federation)
        {
            throw new CliException(ExitCode.Usage, $"'{text}' is a run of {named}, but --federation says {federation}.", "Leave one of them out.");
        }

        var id = parts is [] ? null : parts[^1];
        return new RunName(parts is [var own, _] ? own : federation, id?.All(char.IsAsciiDigit) == true ? $"run-{id}" : id);
    }
}
