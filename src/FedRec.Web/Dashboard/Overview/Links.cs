namespace FedRec.Web.Dashboard.Overview;

/// <summary>Addresses that the page's elements and scripts use.</summary>
internal static class Links
{
    public static string Fragment(string name, string federation, string? run = null) =>
        $"/fedrec/fragments/{name}{Query(federation, run)}";

    public static string Run(RunScope run, string what = "") => $"/api/v1/runs/{Uri.EscapeDataString(run.Run)}{what}{Query(run.Federation)}";

    public static string Model(string federation, string what) => $"/api/v1/models/{what}{Query(federation)}";

    public static string Action(string federation, string what) => $"/fedrec/{what}{Query(federation)}";

    private static string Query(string federation, string? run = null) =>
        $"?federation={Uri.EscapeDataString(federation)}" + (run is null ? "" : $"&run={Uri.EscapeDataString(run)}");
}

/// <summary>A run of a federation.</summary>
/// <param name="Federation">The federation.</param>
/// <param name="Run">The run.</param>
internal readonly record struct RunScope(string Federation, string Run);
