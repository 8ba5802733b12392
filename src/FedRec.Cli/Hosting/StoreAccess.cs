using FedRec.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FedRec.Cli.Hosting;

/// <summary>Either the right to open a store, or the process that has it.</summary>
internal sealed record StoreAccess(InstanceLease? Lease, Instance? Owner)
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan s_connectLimit = TimeSpan.FromSeconds(15);

    /// <summary>Takes the right; when another process has it, finds out how to reach that one.</summary>
    /// <exception cref="CliException">The owner does not say how to reach it.</exception>
    public static async Task<StoreAccess> TakeAsync(CommandContext context, SessionPlan plan, CancellationToken cancellationToken)
    {
        var (folder, store) = (context.DataFolder, plan.Store);
        var started = TimeProvider.System.GetTimestamp();
        for (var told = false; ; await Task.Delay(s_poll, cancellationToken))
        {
            if (InstanceLease.TryAcquire(folder, store) is { } lease)
            {
                return new StoreAccess(lease, null);
            }

            var owner = InstanceLease.Read(folder, store);
            if (owner is not null && (owner.Stays || !plan.TrainsLong))
            {
                return new StoreAccess(null, owner);
            }

            if (owner is not null && !told)
            {
                told = true;
                context.Say($"Waiting for '{owner.Program}' (process {owner.ProcessId}) to finish with the store; --storage memory does not wait.");
            }

            if (owner is null && TimeProvider.System.GetElapsedTime(started) > s_startLimit)
            {
                throw new CliException(ExitCode.StoreUnreachable, $"Another FedRec process has the store in {folder} but does not say how to reach it.",
                    "Stop that process, or use --storage memory.");
            }
        }
    }

    /// <summary>The store of a verb's own silo, as the command line opens it; nothing is opened yet.</summary>
    public static SiloStore StoreOf(CommandContext context, SessionPlan plan) =>
        new(context.Settings.Host, $"fedrec {plan.Verb}", new Stores(context.Settings.Host, plan.Storage, hasTables: plan.TrainsLong))
        {
            Progress = new SetupProgress(context),
            Say = context.Say,
            SearchPath = context.Terminal.Variable("PATH") ?? "",
            Stays = plan.Stays,
            Joins = plan.Joins,
            IsFirst = plan.IsFirst,
        };

    /// <summary>Joins the named cluster of the configuration as a client.</summary>
    /// <exception cref="CliException">No silo of it answers.</exception>
    public static async Task<FedRecSession> ConnectNamedAsync(CommandContext context, SessionPlan plan, CancellationToken cancellationToken)
    {
        var name = plan.Settings.Silo.Cluster;
        return await TryConnectAsync(context, plan.Store, null, e => new CliException(ExitCode.StoreUnreachable, $"No silo of the cluster {name} answers.",
            $"Start one ('fedrec serve' or 'fedrec silo' with --set Silo.Cluster={name} and the same storage), or correct the name. Where its silos are encrypted, this command needs a certificate too (FedRec:Silo:Tls).", e), cancellationToken);
    }

    /// <summary>Joins a cluster as a client.</summary>
    /// <param name="context">Terminal and configuration.</param>
    /// <param name="store">Names its store.</param>
    /// <param name="whose">Whose silos they are, for the message.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="owner">The process that has the store; null when it is not known.</param>
    /// <exception cref="CliException">No silo answers.</exception>
    public static Task<FedRecSession> ConnectAsync(CommandContext context, string store, string whose, CancellationToken cancellationToken, Instance? owner = null) => TryConnectAsync(
        context, store, owner, e => new CliException(ExitCode.StoreUnreachable, $"{whose} owns the store, but its silos do not answer.", "Stop it and run the command again.", e), cancellationToken);

    private static async Task<FedRecSession> TryConnectAsync(CommandContext context, string store, Instance? owner, Func<Exception, CliException> failure, CancellationToken cancellationToken)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.UseOrleansClient(client => NotedGateway.AddTo(client, context.Settings.Host, store));
        var host = builder.Build();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_connectLimit);
        try
        {
            await host.StartAsync(limit.Token);
            return new FedRecSession(host, null, owner?.Web is { } web ? new Uri(web) : null, ownsSilo: false) { Parties = owner?.Parties };
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            host.Dispose();
            throw failure(e);
        }
    }
}
