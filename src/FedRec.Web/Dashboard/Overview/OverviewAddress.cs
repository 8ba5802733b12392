using Microsoft.AspNetCore.Mvc;

namespace FedRec.Web.Dashboard.Overview;

/// <summary>What the address of the page says it is about; everything can be left out.</summary>
/// <param name="Federation">Federation; the most recently active one when left out.</param>
/// <param name="Run">Run; the active or newest one when left out.</param>
/// <param name="User">User to recommend for.</param>
/// <param name="K">How many recommendations, as typed.</param>
/// <param name="Version">Model version to ask, as typed; 0 for the one in use.</param>
public sealed record OverviewAddress(
    [FromQuery] string? Federation,
    [FromQuery] string? Run,
    [FromQuery] string? User,
    [FromQuery] string? K,
    [FromQuery] string? Version);
