namespace FedRec.Web;

/// <summary>How the web front end behaves.</summary>
public sealed class FedRecWebOptions
{
    /// <summary>Longest silence of an event stream before a comment keeps it open; above 0, at most 20 s. Default: 15 s.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Time a grain call may take before the cluster counts as not ready; above 0. Default: 2 s.</summary>
    public TimeSpan ReadyTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Folder whose files a request may name as data; null when no request may name any. Default: null.</summary>
    public string? DataRoot { get; set; }

    /// <summary>In <see cref="Names"/>: every name is right, for a host that checks names itself.</summary>
    public const string AnyName = "*";

    /// <summary>Names under which this server is reached, beside loopback and the address a connection comes to; <see cref="AnyName"/> takes any. Default: none.</summary>
    public IReadOnlyList<string> Names { get; set; } = [];
}
