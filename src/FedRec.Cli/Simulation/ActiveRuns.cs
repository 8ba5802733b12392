using FedRec.Contracts.Federations;
using FedRec.Contracts.Runs;

namespace FedRec.Cli.Simulation;

/// <summary>Reads what runs do, and stops them in order before their silo goes.</summary>
internal static class ActiveRuns
{
    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_stopLimit = TimeSpan.FromSeconds(15);

    /// <summary>Reports every event of a run until it has ended.</summary>
    public static async Task ReadToEndAsync(IRunGrain run, Action<RunEvent> report, CancellationToken cancellationToken)
    {
        for (long after = 0; ;)
        {
            var events = await run.ReadEventsAsync(after, s_wait, cancellationToken);
            foreach (var one in events.Events)
            {
                report(one);
                after = one.Id;
            }

            if (events.Ended && events.Events.IsEmpty)
            {
                return;
            }
        }
    }

    /// <summary>Stops every active run of the silo.</summary>
    public static async Task StopAsync(CommandContext context, IGrainFactory grains)
    {
        foreach (var (federation, runId) in await ListAsync(grains))
        {
            await StopAsync(context, grains.GetGrain<IRunGrain>($"{federation}/{runId}"), runId);
        }
    }

    /// <summary>Says what becomes of the active runs of a silo that ends without stopping them.</summary>
    /// <param name="context">Hears it.</param>
    /// <param name="grains">Of the silo.</param>
    /// <param name="keeps">Whether the store outlives the silo.</param>
    public static async Task TellUnfinishedAsync(CommandContext context, IGrainFactory grains, bool keeps)
    {
        foreach (var (federation, runId) in await ListAsync(grains))
        {
            context.Say($"Run {runId} of {federation} {(keeps ? "stays unfinished; it goes on at the next start." : "is lost with the memory of this process.")}");
        }
    }

    private static async Task<IReadOnlyList<(string Federation, string Run)>> ListAsync(IGrainFactory grains)
    {
        var active = new List<(string, string)>();
        foreach (var federation in await grains.GetGrain<IFederationDirectoryGrain>(IFederationDirectoryGrain.Key).ListAsync())
        {
            if ((await grains.GetGrain<IFederationGrain>(federation).GetSummaryAsync()).ActiveRun is { } runId)
            {
                active.Add((federation, runId));
            }
        }

        return active;
    }

    /// <summary>Asks a run to stop and waits for it: what was trained is published, and nothing goes on at the next start.</summary>
    /// <remarks>When the machine ends the process, the run is left unfinished instead, to go on at the next start.</remarks>
    public static async Task StopAsync(CommandContext context, IRunGrain run, string runId)
    {
        if (context.Terminal.Terminating.IsCancellationRequested)
        {
            context.Say($"Run {runId} stays unfinished; it goes on at the next start.");
            return;
        }

        context.Say($"Stopping run {runId}; what it has trained is kept.");
        using var limit = new CancellationTokenSource(s_stopLimit);
        try
        {
            await run.StopAsync(limit.Token);
            await ReadToEndAsync(run, _ => { }, limit.Token);
        }
        catch (OperationCanceledException)
        {
            // The open round is long: the run stays stored, unfinished, and goes on at the next start.
        }
    }
}
