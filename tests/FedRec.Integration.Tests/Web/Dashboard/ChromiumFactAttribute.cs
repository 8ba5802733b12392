namespace FedRec.Integration.Tests.Web.Dashboard;

/// <summary>A test that needs a Chromium: <c>FEDREC_CHROMIUM</c>, or the one of the distribution.</summary>
public sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute()
    {
        if (Executable is null)
        {
            Skip = "No Chromium: install the package 'chromium', or name an executable in FEDREC_CHROMIUM.";
        }
    }

    /// <summary>Path of the executable; null when there is none.</summary>
    public static string? Executable { get; } = new[] { Environment.GetEnvironmentVariable("FEDREC_CHROMIUM"), "/usr/bin/chromium" }
        .FirstOrDefault(File.Exists);
}
