namespace FedRec.Cli.Diagnostics;

/// <summary>One thing that was looked at.</summary>
/// <param name="Name">What.</param>
/// <param name="Ok">Whether it is as needed.</param>
/// <param name="Required">Whether FedRec cannot do its work without it, as configured.</param>
/// <param name="Found">What was found.</param>
/// <param name="Fix">What to do; null when nothing is to do.</param>
internal sealed record CheckResult(string Name, bool Ok, bool Required, string Found, string? Fix = null);
