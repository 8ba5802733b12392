namespace FedRec.Web.Dashboard.Overview;

/// <summary>Addresses that the page's elements and scripts use.</summary>
/// <remarks>Each begins with the place at which the host has the pages; every part of a page is told it as <c>At</c>.</remarks>
internal static class Links
{
    public static string Fragment(string at, string name, string federation, string? run = null) => $"{at}/fragments/{name}{Query(federation, run)}";

    public static string Run(string at, RunScope run, string what = "") => $"{at}/api/v1/runs/{Uri.EscapeDataString(run.Run)}{what}{Query(run.Federation)}";

    public static string Model(string at, string federation, string what) => $"{at}/api/v1/models/{what}{Query(federation)}";

    public static string Action(string at, string federation, string what) => $"{at}/{what}{Query(federation)}";

    private static string Query(string federation, string? run = null) =>
        $"?federation={Uri.EscapeDataString(federation)}" + (run is null ? "" : $"&run={Uri.EscapeDataString(run)}");
}

/// <summary>A run of a federation.</summary>
/// <param name="Federation">The federation.</param>
/// <param name="Run">The run.</param>
internal readonly record struct RunScope(string Federation, string Run);
