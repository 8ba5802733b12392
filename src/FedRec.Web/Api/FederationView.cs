namespace FedRec.Web.Api;

/// <summary>A federation and its runs.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ActiveRun">The run in progress, or null; not among the runs yet while its data is being read.</param>
/// <param name="LastActive">When a run was last started.</param>
/// <param name="Runs">Ids of its runs, oldest first.</param>
public sealed record FederationView(string Name, string? ActiveRun, DateTimeOffset? LastActive, IReadOnlyList<string> Runs);
