using System.ComponentModel.DataAnnotations;
using FedRec.Grains.Models;
using FedRec.Grains.Training;
using FedRec.Hosting;
using FedRec.Hosting.Configuration;
using FedRec.Web;
using Microsoft.Extensions.Logging;

namespace FedRec.Cli.Configuration;

/// <summary>The resolved configuration of a command.</summary>
internal sealed class FedRecSettings
{
    /// <param name="host">What any host of FedRec is configured by; null for the defaults.</param>
    public FedRecSettings(FedRecOptions? host = null)
    {
        Host = host ?? new FedRecOptions();
        Keys = SettingKey.Of(("Storage", Storage), ("Storage:Encryption", Host.Encryption), ("Silo", Silo), ("Silo:Tls", Host.Tls), ("Silo", Log), ("Web", Web), ("Web:Tokens", Tokens), ("Training", Training), ("Models", Models), ("Privacy", Host.Privacy));
    }

    public FedRecOptions Host { get; }

    public StorageOptions Storage => Host.Storage;

    public SiloOptions Silo => Host.Silo;

    public TrainingOptions Training => Host.Training;

    public ModelOptions Models => Host.Models;

    public LogOptions Log { get; } = new();

    public WebOptions Web { get; } = new();

    /// <summary>Tokens by which callers of the web front end say who they are; section <c>FedRec:Web:Tokens</c>.</summary>
    public FedRecTokenOptions Tokens { get; } = new();

    /// <summary>Whether everybody on the network may do everything; asked for by hand at each start.</summary>
    public bool InsecureNoAuth { get; set; }

    /// <summary>Every key, section after section.</summary>
    public IReadOnlyList<SettingKey> Keys { get; }

    /// <summary>Folder the files were read from; null when there is none.</summary>
    public string? Folder { get; init; }

    /// <summary>Every setting that was given, by key, with the place it comes from.</summary>
    public IReadOnlyDictionary<string, Setting> Given { get; init; } = new Dictionary<string, Setting>();
}

/// <summary>What a command logs; in section <c>FedRec:Silo</c>.</summary>
internal sealed class LogOptions
{
    /// <summary>Lowest level that is logged to standard error: Trace, Debug, Information, Warning, Error, Critical, None. Default: Warning.</summary>
    public LogLevel LogLevel { get; set; } = LogLevel.Warning;
}

/// <summary>Where the web front end listens and what it lets callers do; section <c>FedRec:Web</c>.</summary>
internal sealed class WebOptions
{
    /// <summary>Port of the pages and the API; 0 takes a free one. Default: 5080.</summary>
    [Range(0, 65535)] public int Port { get; set; } = 5080;

    /// <summary><c>localhost</c> for this machine only, an address of this machine, or <c>*</c> for every network interface. Default: localhost.</summary>
    public string Host { get; set; } = "localhost";

    /// <summary>Names under which a reverse proxy passes requests on, separated by commas, beside loopback. Default: none.</summary>
    public string Names { get; set; } = "";

    /// <summary>A key of an operator that is good without being stored, at least 16 letters, digits and signs; empty for none. A secret: best set as
    /// <c>FEDREC__Web__ApiKey</c>. Default: none.</summary>
    [Secret, RegularExpression("^([!-~]{16,})?$", ErrorMessage = "It must have at least 16 letters, digits and signs, without spaces.")] public string ApiKey { get; set; } = "";

    /// <summary>Whether everybody has to say who they are, though there is no key yet; with it <see cref="Host"/> may be for other machines. Default: false.</summary>
    public bool RequireKey { get; set; }

    /// <summary>Folder with the keys that seal logins of the page, the same for all front ends of a cluster; empty for one in the folder of the data, and where that is elsewhere for keys that end with the process. Default: empty.</summary>
    public string LoginKeys { get; set; } = "";

    /// <summary>Folder whose files a request over HTTP may name as data; empty when no request may name any. Default: empty.</summary>
    public string DataRoot { get; set; } = "";

    /// <summary>Port at which parties with a process of their own come in, on every network interface, with TLS, and with nothing else behind it; 0 for none: then they come to
    /// <see cref="Port"/>, as long as they are on this machine. Default: 0.</summary>
    [Range(0, 65535)] public int PartyPort { get; set; }

    /// <summary>Address that invitations of parties name, such as <c>https://fedrec.example.org</c>; empty for <c>https://</c>, the name of this machine and <see cref="PartyPort"/>. Default: empty.</summary>
    public string PartyUrl { get; set; } = "";

    /// <summary>PEM file with the certificate and the private key of <see cref="PartyPort"/>; empty for a certificate that is made once and kept in the folder of the data. Default: empty.</summary>
    public string PartyCertificate { get; set; } = "";

    /// <summary>Seconds between being told to end and ending, in which <c>/health/ready</c> says no and all else goes on, 0 to 600. Default: 0.</summary>
    [Range(0, 600)] public int DrainSeconds { get; set; }
}
