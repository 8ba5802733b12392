namespace FedRec.Cli.Hosting;

/// <summary>The FedRec process that owns a store, as it tells the others.</summary>
/// <param name="ProcessId">Its process.</param>
/// <param name="Verb">What it was started for, such as <c>demo</c>.</param>
/// <param name="GatewayPort">Where clients of its silo connect on this machine.</param>
/// <param name="Web">Its web front end, or null.</param>
/// <param name="StartedAt">When.</param>
internal sealed record Instance(int ProcessId, string Verb, int GatewayPort, string? Web, DateTimeOffset StartedAt);
