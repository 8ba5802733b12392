using System.Runtime.CompilerServices;
using FedRec.Cli.Commands;
using FedRec.Cli.Hosting;
using FedRec.Contracts.Federations;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Runs;
using FedRec.Web;
using FedRec.Web.Api;
using Microsoft.Extensions.Options;

namespace FedRec.Cli.Runs;

/// <summary>The runs of a cluster that this process is an Orleans client of.</summary>
/// <param name="context">Terminal and configuration.</param>
/// <param name="session">Closed with this.</param>
internal sealed class ClusterRuns(CommandContext context, FedRecSession session) : IRuns
{
    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(10);
    private readonly DataRoot _root = new(Options.Create(new FedRecWebOptions()));

    public async Task<RunStartedView> StartAsync(RunRequest request, CancellationToken cancellationToken)
    {
        var started = Started(request.Federation, await Federation(request.Federation).StartRunAsync(request, cancellationToken));
        var status = await Run(started.Federation, started.Run).GetStatusAsync(cancellationToken);
        return started with
        {
            Parties = status is { Source.Hosted: not null } && await session.Grains.GetGrain<IPartiesGrain>(started.Federation).ListAsync(cancellationToken) is { Length: > 0 } parties ? RunPartyView.All(status, parties) : null,
        };
    }

    public async Task<IReadOnlyList<RunView>> ListAsync(string? federation, int limit, CancellationToken cancellationToken)
    {
        var name = await NameAsync(federation, cancellationToken);
        var ids = await IdsAsync(name, cancellationToken);
        var statuses = await Task.WhenAll(ids.Take(limit).Select(id => Run(name, id).GetStatusAsync(cancellationToken)));
        return [.. statuses.OfType<RunStatus>().Select(status => RunView.From(status, _root))];
    }

    public async Task<RunView> GetAsync(RunName run, CancellationToken cancellationToken) => RunView.From((await FindAsync(run, cancellationToken)).Status, _root);

    public async Task<MetricsView> GetMetricsAsync(RunName run, CancellationToken cancellationToken) => MetricsView.From((await FindAsync(run, cancellationToken)).Status);

    public async Task<IReadOnlyList<RunPartyView>> GetPartiesAsync(RunName run, CancellationToken cancellationToken)
    {
        var (_, status) = await FindAsync(run, cancellationToken);
        return RunPartyView.All(status, status.Source.Hosted is null ? [] : await session.Grains.GetGrain<IPartiesGrain>(status.Request.Federation).ListAsync(cancellationToken));
    }

    public async IAsyncEnumerable<RunEvent> ReadEventsAsync(RunName run, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (grain, _) = await FindAsync(run, cancellationToken);
        for (var seen = after; ;)
        {
            var page = await grain.ReadEventsAsync(seen, s_wait, cancellationToken);
            foreach (var one in page.Events)
            {
                yield return one;
                seen = one.Id;
            }

            if (page.Ended && page.Events.IsEmpty)
            {
                yield break;
            }
        }
    }

    public async Task StopAsync(RunName run, CancellationToken cancellationToken)
    {
        var (grain, status) = await FindAsync(run, cancellationToken);
        if (status.Phase is RunPhase.Completed or RunPhase.Stopped or RunPhase.Failed)
        {
            throw new CliException(ExitCode.Failed, $"Run '{status.RunId}' has already ended ({status.Phase}); there is nothing to stop.");
        }

        await grain.StopAsync(cancellationToken);
    }

    public async Task<RunStartedView> ResumeAsync(RunName run, CancellationToken cancellationToken)
    {
        var (grain, status) = await FindAsync(run, cancellationToken);
        try
        {
            return Started(status.Request.Federation, await RunContinuation.ResumeAsync(grain, Federation(status.Request.Federation), status, cancellationToken));
        }
        catch (ProblemException e)
        {
            throw new CliException(ExitCode.Failed, e.Message, null, e);
        }
    }

    public ValueTask DisposeAsync() => session.DisposeAsync();

    private static RunStartedView Started(string federation, RunReceipt receipt) => receipt.Outcome is RunOutcome.Started or RunOutcome.Resumed
        ? new RunStartedView(federation, receipt.RunId, receipt.Outcome, receipt.Message)
        : throw new CliException(ExitCode.Failed, receipt.Message, receipt.Outcome is RunOutcome.Invalid ? "Nothing was started." : null);

    private async Task<(IRunGrain Grain, RunStatus Status)> FindAsync(RunName run, CancellationToken cancellationToken)
    {
        var federation = await NameAsync(run.Federation, cancellationToken);
        var id = run.Id ?? (await IdsAsync(federation, cancellationToken) is [var newest, ..] ? newest : null)
            ?? throw new CliException(ExitCode.Failed, $"Federation '{federation}' has no run yet.", "Start one with 'fedrec run start'.");
        var grain = Run(federation, id);
        return await grain.GetStatusAsync(cancellationToken) is { } status ? (grain, status)
            : throw new CliException(ExitCode.Failed, $"Federation '{federation}' has no run '{id}'.", $"fedrec run list --federation {federation} shows its runs.");
    }

    // The newest first; one whose data is being read is not listed yet.
    private async Task<IReadOnlyList<string>> IdsAsync(string federation, CancellationToken cancellationToken)
    {
        var summary = await Federation(federation).GetSummaryAsync(cancellationToken);
        var loading = summary.ActiveRun is { } active && !summary.Runs.Contains(active) ? [active] : Array.Empty<string>();
        return [.. loading, .. summary.Runs.Reverse()];
    }

    private Task<string> NameAsync(string? federation, CancellationToken cancellationToken) => VerbSession.FederationAsync(context, session, federation, cancellationToken);

    private IFederationGrain Federation(string name) => session.Grains.GetGrain<IFederationGrain>(name);

    private IRunGrain Run(string federation, string id) => session.Grains.GetGrain<IRunGrain>($"{federation}/{id}");
}
