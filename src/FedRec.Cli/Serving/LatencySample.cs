namespace FedRec.Cli.Serving;

/// <summary>Times of requests, all of them: percentiles are of the sample itself, not of an estimate.</summary>
internal sealed class LatencySample
{
    private readonly TimeSpan[] _ascending;

    public LatencySample(IEnumerable<TimeSpan> times)
    {
        _ascending = [.. times];
        Array.Sort(_ascending);
    }

    public int Count => _ascending.Length;

    /// <summary>The smallest time that at least this share of the requests did not exceed (nearest rank); null without requests.</summary>
    /// <param name="share">Above 0, at most 1.</param>
    public TimeSpan? Percentile(double share)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        return Count == 0 ? null : _ascending[Math.Max((int)Math.Ceiling(Math.Round(share * Count, 6)), 1) - 1]; // 0.07 · 100 is above 7
    }
}
