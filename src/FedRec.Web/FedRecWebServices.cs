using FedRec.Web.Access;
using FedRec.Web.Api;
using FedRec.Web.Dashboard;
using FedRec.Web.Dashboard.Overview;
using FedRec.Web.Hosting;
using FedRec.Web.Parties;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace FedRec.Web;

/// <summary>Registers what the API and the dashboard need.</summary>
public static class FedRecWebServices
{
    private static readonly TimeSpan s_longestSilence = TimeSpan.FromSeconds(20); // proxies cut what is silent for a minute, some for half of one

    /// <summary>Adds what <see cref="FedRecWebEndpoints.MapFedRec"/> needs; the host brings an <see cref="IGrainFactory"/>, by <c>AddFedRec</c> or <c>AddFedRecClient</c>.
    /// Nothing of the host changes by it: neither its JSON nor its OpenAPI documents nor how it answers errors.</summary>
    /// <param name="services">Services of the host.</param>
    /// <param name="configure">Changes the defaults.</param>
    public static IServiceCollection AddFedRecWeb(this IServiceCollection services, Action<FedRecWebOptions>? configure = null)
    {
        services.AddOptions<FedRecWebOptions>()
            .Configure(options => configure?.Invoke(options))
            .Validate(o => o.Heartbeat > TimeSpan.Zero && o.Heartbeat <= s_longestSilence, "Heartbeat must be above 0 and at most 20 s.")
            .Validate(o => o.ReadyTimeout > TimeSpan.Zero, "ReadyTimeout must be above 0.")
            .Validate(o => o.DataRoot is null || Directory.Exists(o.DataRoot), "DataRoot must be an existing folder.")
            .Validate(o => o.Access.Tokens.Wrong is null, "Access.Tokens are not usable: an issuer needs an audience, and either a file with its keys or its https address.")
            .ValidateOnStart();
        AddOwn(services);
        services.AddSingleton<IStartupFilter, WebPipeline>();
        return services;
    }

    /// <summary>What the handlers of the endpoints take; nothing of it is the host's.</summary>
    internal static void AddOwn(IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<FedRecReadiness>();
        services.AddSingleton<Mounts>();
        services.AddSingleton<ProblemAnswers>();
        services.AddSingleton<StartedFederations>();
        services.AddScoped<FederationSelector>();
        services.AddSingleton<KnownKeys>();
        services.AddSingleton<TokenCallers>();
        services.AddSingleton<Logins>();
        services.TryAddSingleton(new AccessRates(TimeSpan.FromSeconds(1)));
        services.AddSingleton<AccessGate>();
        services.AddScoped<CallerOfRequest>();
        services.AddSingleton<DataRoot>();
        services.AddSingleton<ImportedKeys>();
        services.AddSingleton<PartyCredentials>();
        services.AddSingleton<PartyRates>();
        services.AddSingleton<VersionsInUse>();
        services.AddScoped<PageRenderer>();
        services.AddScoped<OverviewQuery>();
    }
}

/// <summary>Whether new requests should still come here: <c>/health/ready</c> says no once the process is about to end, while it goes on to answer what comes.</summary>
public sealed class FedRecReadiness
{
    private volatile bool _isEnding;

    /// <summary>Whether <see cref="End"/> was called.</summary>
    public bool IsEnding => _isEnding;

    /// <summary>From now on the process is not ready; its host ends it after the time that whoever sends requests here needs to notice.</summary>
    public void End() => _isEnding = true;
}

/// <summary>How the web front end behaves.</summary>
public sealed class FedRecWebOptions
{
    /// <summary>Silence of an event stream after which a comment keeps it open; above 0, at most 20 s. Default: 15 s.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Time a grain call may take before the cluster counts as not ready; above 0. Default: 2 s.</summary>
    public TimeSpan ReadyTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Folder whose files a request may name as data; null when no request may name any. Default: null.</summary>
    public string? DataRoot { get; set; }

    /// <summary>Where parties with a process of their own reach this server, for codes of invitations; null for where the request for one came to. Default: null.</summary>
    public Uri? PartyUrl { get; set; }

    /// <summary>SHA-256 of the public key of the certificate there, in hexadecimal; empty for one that everybody trusts. Default: empty.</summary>
    public string PartyPin { get; set; } = "";

    /// <summary>Who may come in, and how they say who they are.</summary>
    public FedRecAccessOptions Access { get; } = new();

    /// <summary>In <see cref="Names"/>: every name is right, for a host that checks names itself.</summary>
    public const string AnyName = "*";

    /// <summary>Names under which this server is reached, beside loopback and the address a connection comes to; <see cref="AnyName"/> takes any. Default: none.</summary>
    public IReadOnlyList<string> Names { get; set; } = [];
}
