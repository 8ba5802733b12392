using System.Globalization;
using System.Threading.RateLimiting;
using FedRec.Web.Api;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace FedRec.Web.Access;

/// <summary>How often a caller is answered, by its key or token; and how often an address is told that a key is not good. Who has a good key is never refused for what others of its address do.</summary>
/// <param name="period">What counts as a second.</param>
/// <param name="refusedBurst">Keys that are not good, of an address, at once.</param>
internal sealed class AccessRates(TimeSpan period, int refusedBurst = AccessRates.RefusedBurst) : IAsyncDisposable
{
    /// <summary>Requests of a caller in a second, in the long run.</summary>
    public const int PerSecond = 2_000;

    /// <summary>Requests of a caller at once.</summary>
    public const int Burst = 4_000;

    /// <summary>Keys that are not good, of an address, at once; then one in a second.</summary>
    public const int RefusedBurst = 20;

    private readonly PartitionedRateLimiter<string> _callers = PartitionedRateLimiter.Create<string, string>(caller => Bucket(caller, Burst, PerSecond, period));
    private readonly PartitionedRateLimiter<string> _refused = PartitionedRateLimiter.Create<string, string>(address => Bucket(address, refusedBurst, 1, period));

    /// <summary>Counts a request of a caller.</summary>
    /// <exception cref="ProblemException">It is one too many.</exception>
    public void Take(HttpContext context, Caller caller)
    {
        if (caller != Caller.Local) // nobody's key; and nobody else can be it
        {
            Take(context, _callers, $"{caller.Name}\n{caller.Federation}\n{caller.User}", $"A caller is answered {PerSecond} times in a second, after {Burst} at once.");
        }
    }

    /// <summary>Counts a key or token that is not good.</summary>
    /// <exception cref="ProblemException">It is one too many.</exception>
    public void TakeRefused(HttpContext context) => Take(context, _refused, context.Connection.RemoteIpAddress?.ToString() ?? "", $"Keys that are not good are refused once in a second, after {RefusedBurst} at once.");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _callers.DisposeAsync();
        await _refused.DisposeAsync();
    }

    private static void Take(HttpContext context, PartitionedRateLimiter<string> limiter, string key, string words)
    {
        using var lease = limiter.AttemptAcquire(key);
        if (lease.IsAcquired)
        {
            return;
        }

        var after = lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) : 1;
        context.Response.OnStarting(() => // late, because the error answers clear the headers that were set before them
        {
            context.Response.Headers[HeaderNames.RetryAfter] = after.ToString(CultureInfo.InvariantCulture);
            return Task.CompletedTask;
        });
        throw new ProblemException(StatusCodes.Status429TooManyRequests, "Too many requests", $"{words} Come back in {after} s.");
    }

    private static RateLimitPartition<string> Bucket(string key, int burst, int tokens, TimeSpan period) => RateLimitPartition.GetTokenBucketLimiter(key, _ => new TokenBucketRateLimiterOptions
    {
        TokenLimit = burst,
        TokensPerPeriod = tokens,
        ReplenishmentPeriod = period,
        QueueLimit = 0,
    });
}
