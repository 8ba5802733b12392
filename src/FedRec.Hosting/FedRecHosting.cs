using FedRec.Hosting.Azurite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FedRec.Hosting;

/// <summary>Brings FedRec into a host: <c>builder.AddFedRec()</c>.</summary>
public static class FedRecHosting
{
    /// <summary>Adds a silo with FedRec's grains and its store. Whoever needs it takes an <see cref="IGrainFactory"/> from the host's services.</summary>
    /// <param name="builder">Of any host: <c>Host.CreateApplicationBuilder()</c> or <c>WebApplication.CreateBuilder()</c>.</param>
    /// <param name="configure">Changes what the section <c>FedRec</c> of the host's configuration says.</param>
    /// <returns>The builder.</returns>
    /// <remarks>Without configuration all is kept by the storage emulator of this machine (it needs Node.js 20), in the user's folder; with
    /// <c>FedRec:Storage:ConnectionString</c> in Azure storage; with <c>FedRec:Storage:Kind</c> = <c>memory</c> nothing outlives the process. The store is opened when
    /// the host starts and closed when it has stopped. Runs that a crash left unfinished go on. One process at a time has a store, and another one that wants
    /// it does not start, unless both name the same cluster (<c>FedRec:Silo:Cluster</c>). Logs and Ctrl-C stay the host's own. A host's own <c>IAuditTrail</c>, added before, is kept.</remarks>
    /// <exception cref="OptionsValidationException">A key of the section is not known, or a value is not allowed.</exception>
    public static IHostApplicationBuilder AddFedRec(this IHostApplicationBuilder builder, Action<FedRecOptions>? configure = null)
    {
        var options = Options(builder, configure);
        var stores = new Stores(options, options.Storage.ResolvedKind, hasTables: true);
        builder.AddSilo(options, stores, services =>
        {
            var log = new StoreLog(services.GetRequiredService<ILogger<SiloStore>>());
            return new SiloStore(options, builder.Environment.ApplicationName, stores) { Progress = log, Say = log.Say, Joins = options.Silo.Cluster.Length > 0 };
        }, resumesRuns: true);
        return builder;
    }

    /// <summary>Adds an Orleans client of the FedRec process of this machine that has the same store; that process may be started later, and again.</summary>
    /// <param name="builder">Of any host.</param>
    /// <param name="configure">Changes what the section <c>FedRec</c> of the host's configuration says; only its part <c>Storage</c> counts here.</param>
    /// <returns>The builder.</returns>
    /// <remarks>The host's start waits up to a minute for the process. Whoever can connect to a silo is trusted with everything: other machines come in over HTTP.</remarks>
    /// <exception cref="OptionsValidationException">A key of the section is not known, a value is not allowed, or the store is in the memory of another process.</exception>
    public static IHostApplicationBuilder AddFedRecClient(this IHostApplicationBuilder builder, Action<FedRecOptions>? configure = null)
    {
        var options = Options(builder, configure);
        if (options.Storage.ResolvedKind == "memory")
        {
            throw new OptionsValidationException(nameof(FedRecOptions), typeof(FedRecOptions),
                ["FedRec:Storage:Kind is 'memory': what another process keeps in its memory cannot be found. Give the store of that process."]);
        }

        builder.UseOrleansClient(client => NotedGateway.AddTo(client, options));
        return builder;
    }

    private static FedRecOptions Options(IHostApplicationBuilder builder, Action<FedRecOptions>? configure)
    {
        var options = FedRecOptions.Read(builder.Configuration);
        configure?.Invoke(options);
        options.Check();
        return options;
    }
}

/// <summary>What the store says, in the host's log.</summary>
internal sealed partial class StoreLog(ILogger logger) : IProgress<SetupStep>
{
    public void Report(SetupStep value)
    {
        if (value.Of == 0) // not every package of an installation
        {
            LogStep(value.Text);
        }
    }

    public void Say(string what) => LogChange(what);

    [LoggerMessage(1, LogLevel.Information, "{What}")]
    private partial void LogStep(string what);

    [LoggerMessage(2, LogLevel.Warning, "{What}")]
    private partial void LogChange(string what);
}
