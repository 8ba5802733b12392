using System.Globalization;
using System.Threading.RateLimiting;
using FedRec.Web.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace FedRec.Web.Parties;

/// <summary>How often parties are answered: whoever asks more often is told when to come back, before anything that takes time is done.</summary>
/// <remarks>By the address that a request comes from, and by that and the party that it names: so nobody else can use up what a party is given. Token buckets.</remarks>
internal sealed class PartyRates : IAsyncDisposable
{
    /// <summary>Requests of a party at once; then <see cref="PerSecond"/>.</summary>
    public const int Burst = 1_000;

    /// <summary>Requests of a party in a second, in the long run.</summary>
    public const int PerSecond = 40;

    private const int AddressBurst = 8_000; // a thousand devices behind one address, all at once
    private const int AddressPerSecond = 2_000;
    private readonly PartitionedRateLimiter<HttpContext> _limiter = PartitionedRateLimiter.CreateChained(
        PartitionedRateLimiter.Create<HttpContext, string>(context => Bucket(AddressOf(context), AddressBurst, AddressPerSecond)),
        PartitionedRateLimiter.Create<HttpContext, string>(context => Bucket($"{AddressOf(context)} {context.Request.RouteValues["federation"]}/{context.Request.RouteValues["party"]}", Burst, PerSecond)));

    /// <summary>Lets a request go on, or says when to come back.</summary>
    public static async ValueTask<object?> CheckAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        using var lease = context.RequestServices.GetRequiredService<PartyRates>().Take(context);
        if (lease.IsAcquired)
        {
            return await next(invocation);
        }

        var after = lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) : 1;
        context.Response.Headers[HeaderNames.RetryAfter] = after.ToString(CultureInfo.InvariantCulture);
        await ProblemAnswers.WriteAsync(context, new ProblemDetails // not thrown: an exception costs more than what it is to spare
        {
            Status = StatusCodes.Status429TooManyRequests,
            Title = "Too many requests",
            Detail = $"A party is answered {PerSecond} times in a second, after {Burst} at once. Come back in {after} s.",
        });
        return Results.Empty;
    }

    /// <summary>Takes one of the requests that the address and the party are given.</summary>
    public RateLimitLease Take(HttpContext context) => _limiter.AttemptAcquire(context);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _limiter.DisposeAsync();

    private static string AddressOf(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "";

    private static RateLimitPartition<string> Bucket(string key, int burst, int perSecond) => RateLimitPartition.GetTokenBucketLimiter(key, _ => new TokenBucketRateLimiterOptions
    {
        TokenLimit = burst,
        TokensPerPeriod = perSecond,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        QueueLimit = 0,
    });
}
