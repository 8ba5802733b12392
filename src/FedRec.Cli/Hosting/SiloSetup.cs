using FedRec.Cli.Configuration;
using FedRec.Grains;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FedRec.Cli.Hosting;

/// <summary>Puts a silo together: clustering on this machine, stores, grains and their options.</summary>
internal static class SiloSetup
{
    /// <summary>Fixed names: the keys of stored grains contain the service, and a cluster here is one process.</summary>
    public const string ServiceId = "fedrec";

    public const string ClusterId = "fedrec-local";

    /// <summary>Adds the silo to a host.</summary>
    /// <param name="builder">Of a plain or a web host.</param>
    /// <param name="settings">The resolved configuration.</param>
    /// <param name="ports">Silo port and gateway port.</param>
    /// <param name="stores">Where grains and models are kept.</param>
    public static void AddFedRecSilo(this IHostApplicationBuilder builder, FedRecSettings settings, (int Silo, int Gateway) ports, Stores stores)
    {
        builder.Services.AddSingleton(Options.Create(settings.Training));
        builder.Services.AddSingleton(Options.Create(settings.Models));
        builder.Services.AddSingleton(stores.Models);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(ports.Silo, ports.Gateway, serviceId: ServiceId, clusterId: ClusterId);
            silo.UseInMemoryReminderService();
            stores.AddGrainStorage(silo);
            silo.AddFedRecGrains();
        });
    }

    /// <summary>Logs go to standard error, so that standard output holds the answer only; and no second Ctrl-C handler.</summary>
    public static void AddQuietHost(this IHostApplicationBuilder builder, FedRecSettings settings)
    {
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(settings.Silo.LogLevel);
        if (settings.Silo.LogLevel == LogLevel.Warning)
        {
            builder.Logging.AddFilter("Orleans.Runtime.Silo", LogLevel.Error); // advises the server collector at every start
            builder.Logging.AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error); // a machine that was asleep or busy is no error of the command
        }

        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSingleton<IHostLifetime, CommandLifetime>();
    }

    /// <summary>The command decides when the host starts and stops.</summary>
    private sealed class CommandLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
