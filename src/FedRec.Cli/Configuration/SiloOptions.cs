using System.ComponentModel.DataAnnotations;

namespace FedRec.Cli.Configuration;

/// <summary>How the silo of this process listens and logs; section <c>FedRec:Silo</c>.</summary>
internal sealed class SiloOptions
{
    /// <summary>Port between silos; 0 takes a free one. Default: 0.</summary>
    [Range(0, 65535)] public int SiloPort { get; set; }

    /// <summary>Port for clients of the cluster; 0 takes a free one. Default: 0.</summary>
    [Range(0, 65535)] public int GatewayPort { get; set; }

    /// <summary>Lowest level that is logged to standard error: Trace, Debug, Information, Warning, Error, Critical, None. Default: Warning.</summary>
    public Microsoft.Extensions.Logging.LogLevel LogLevel { get; set; } = Microsoft.Extensions.Logging.LogLevel.Warning;
}
