using System.ComponentModel.DataAnnotations;

namespace FedRec.Cli.Configuration;

/// <summary>Where the web front end listens and what it lets callers do; section <c>FedRec:Web</c>.</summary>
internal sealed class WebOptions
{
    /// <summary>Port of the pages and the API; 0 takes a free one. Default: 5080.</summary>
    [Range(0, 65535)] public int Port { get; set; } = 5080;

    /// <summary><c>localhost</c> for this machine only, an address of this machine, or <c>*</c> for every network interface. Default: localhost.</summary>
    public string Host { get; set; } = "localhost";

    /// <summary>Names under which a reverse proxy passes requests on, separated by commas, beside loopback. Default: none.</summary>
    public string Names { get; set; } = "";

    /// <summary>Folder whose files a request over HTTP may name as data; empty when no request may name any. Default: empty.</summary>
    public string DataRoot { get; set; } = "";
}
