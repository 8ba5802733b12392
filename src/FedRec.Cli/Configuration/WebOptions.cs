using System.ComponentModel.DataAnnotations;

namespace FedRec.Cli.Configuration;

/// <summary>Where the web front end listens; section <c>FedRec:Web</c>.</summary>
internal sealed class WebOptions
{
    /// <summary>Port of the pages and the API; 0 takes a free one. Default: 5080.</summary>
    [Range(0, 65535)] public int Port { get; set; } = 5080;

    /// <summary><c>localhost</c> for this machine only, <c>*</c> for every network interface. Default: localhost.</summary>
    [AllowedValues("localhost", "*")] public string Host { get; set; } = "localhost";
}
