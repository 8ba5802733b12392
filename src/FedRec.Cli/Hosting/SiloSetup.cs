using System.Security.Cryptography;
using System.Text;
using FedRec.Grains;
using FedRec.Grains.Recommendations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Storage;

namespace FedRec.Cli.Hosting;

/// <summary>Puts a silo together: clustering on this machine, stores, grains and their options.</summary>
internal static class SiloSetup
{
    private static readonly string[] s_libraries = ["Orleans", "Microsoft.Orleans", "Polly", "Azure"];

    /// <summary>A fixed name: it is part of the keys of stored reminders.</summary>
    public const string ServiceId = "fedrec";

    /// <summary>A cluster here is one process at a time: the one of this machine that has the right to the store of a data folder.</summary>
    /// <param name="dataHome">The data folder.</param>
    public static string ClusterId(string dataHome) =>
        $"{Environment.MachineName}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(dataHome)).AsSpan(0, 4))}";

    /// <summary>Adds the silo to a host.</summary>
    /// <param name="builder">Of a plain or a web host.</param>
    /// <param name="context">Tells where the process keeps its files.</param>
    /// <param name="plan">What the verb needs.</param>
    /// <param name="ports">Silo port and gateway port.</param>
    /// <param name="stores">Where grains and models are kept.</param>
    public static void AddFedRecSilo(this IHostApplicationBuilder builder, CommandContext context, SessionPlan plan, (int Silo, int Gateway) ports, Stores stores)
    {
        builder.Services.AddSingleton(Options.Create(plan.Settings.Training));
        builder.Services.AddSingleton(Options.Create(plan.Settings.Models));
        builder.Services.AddSingleton<IAuditTrail>(_ => new AuditFiles(DataHome.Folder(context.Terminal)));
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(ports.Silo, ports.Gateway, serviceId: ServiceId, clusterId: ClusterId(DataHome.Folder(context.Terminal)));
            // The states' own serializers: smaller than JSON, and they read every type that the states hold.
            silo.Services.AddKeyedSingleton<IGrainStorageSerializer, OrleansGrainStorageSerializer>(GrainsSetup.StorageName);
            stores.AddTo(silo);
            silo.AddFedRecGrains(resumeUnfinished: plan.ResumesRuns);
        });
    }

    /// <summary>Logs go to standard error, so that standard output holds the answer only; and no second Ctrl-C handler.</summary>
    public static void AddQuietHost(this IHostApplicationBuilder builder, CommandContext context)
    {
        var level = context.Settings.Silo.LogLevel;
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(new ShortLog(context.Terminal.Error, context.Verbose));
        builder.Logging.SetMinimumLevel(context.Quiet && level < LogLevel.Error ? LogLevel.Error : level);
        if (context.Quiet || level == LogLevel.Warning)
        {
            // Busy machines, calls of a silo that stops, stores that are away for a moment: what matters of it reaches the caller as an error.
            foreach (var library in s_libraries)
            {
                builder.Logging.AddFilter(library, context.Verbose ? LogLevel.Error : LogLevel.None);
            }
        }

        builder.Services.AddSingleton<IHostLifetime, CommandLifetime>();
    }

    /// <summary>The command decides when the host starts and stops.</summary>
    private sealed class CommandLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
