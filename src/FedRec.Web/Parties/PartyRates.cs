using System.Globalization;
using System.Threading.RateLimiting;
using FedRec.Web.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace FedRec.Web.Parties;

/// <summary>How often parties are answered: whoever asks more often is told when to come back, before anything that takes time is done, and is told so late: what a connection can ask in a second is nothing then.</summary>
/// <remarks>By the address that a request comes from, and by that and the party that it names: so nobody else can use up what a party is given. Token buckets. What costs most, a token that is not good
/// (a signature was checked) and a body that is too large (its connection is closed, and the next one greets anew), has buckets of its own that are soon empty.</remarks>
internal sealed class PartyRates : IAsyncDisposable
{
    /// <summary>Requests of a party at once; then <see cref="PerSecond"/>.</summary>
    public const int Burst = 1_000;

    /// <summary>Requests of a party in a second, in the long run.</summary>
    public const int PerSecond = 40;

    /// <summary>Requests of a party that are refused for their token or their size, at once; then <see cref="RefusedPerSecond"/>.</summary>
    public const int RefusedBurst = 20;

    /// <summary>Such requests of a party in a second, in the long run.</summary>
    public const int RefusedPerSecond = 1;

    /// <summary>How long whoever asks too often waits to hear so.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Requests of an address at once, a thousand devices behind it; then <see cref="AddressPerSecond"/>.</summary>
    public const int AddressBurst = 8_000;

    /// <summary>Requests of an address in a second, in the long run.</summary>
    public const int AddressPerSecond = 2_000;

    /// <summary>Requests of an address that are refused for their token or their size, at once: each device has one after the server was started anew, with the nonce of before; then <see cref="AddressRefusedPerSecond"/>.</summary>
    public const int AddressRefusedBurst = 2_000;

    /// <summary>Such requests of an address in a second, in the long run.</summary>
    public const int AddressRefusedPerSecond = 50;

    private readonly PartitionedRateLimiter<HttpContext> _all = Chained((AddressBurst, AddressPerSecond), (Burst, PerSecond));
    private readonly PartitionedRateLimiter<HttpContext> _refused = Chained((AddressRefusedBurst, AddressRefusedPerSecond), (RefusedBurst, RefusedPerSecond));

    /// <summary>Lets a request go on, or says when to come back.</summary>
    public static async ValueTask<object?> CheckAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var (context, services) = (invocation.HttpContext, invocation.HttpContext.RequestServices);
        var rates = services.GetRequiredService<PartyRates>();
        if (rates.Take(context) is not { } after)
        {
            context.Response.OnStarting(() => // whoever writes the answer
            {
                rates.NoteAnswer(context);
                return Task.CompletedTask;
            });
            return await next(invocation);
        }

        await Task.Delay(Pause, services.GetRequiredService<TimeProvider>(), context.RequestAborted);
        context.Response.Headers[HeaderNames.RetryAfter] = after.ToString(CultureInfo.InvariantCulture);
        await ProblemAnswers.WriteAsync(context, new ProblemDetails // not thrown: an exception costs more than what it is to spare
        {
            Status = StatusCodes.Status429TooManyRequests,
            Title = "Too many requests",
            Detail = $"A party is answered {PerSecond} times in a second, after {Burst} at once, and {RefusedPerSecond} time after {RefusedBurst} where its token is not good or its body too large. Come back in {after} s.",
        });
        return Results.Empty;
    }

    /// <summary>Takes one of the requests that the address and the party are given.</summary>
    /// <returns>Null, or the seconds after which there are some again.</returns>
    public int? Take(HttpContext context)
    {
        if (_refused.GetStatistics(context) is { CurrentAvailablePermits: <= 0 }) // asking for no permit would be given one by a part of it
        {
            return (int)Pause.TotalSeconds;
        }

        using var lease = _all.AttemptAcquire(context);
        return lease.IsAcquired ? null : lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) : 1;
    }

    /// <summary>Counts a request that was refused for its token or its size.</summary>
    public void NoteAnswer(HttpContext context)
    {
        if (context.Response.StatusCode is StatusCodes.Status401Unauthorized or StatusCodes.Status413PayloadTooLarge)
        {
            _refused.AttemptAcquire(context).Dispose();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _all.DisposeAsync();
        await _refused.DisposeAsync();
    }

    // The party first: what it is refused takes nothing from the others of its address.
    private static PartitionedRateLimiter<HttpContext> Chained((int Burst, int PerSecond) address, (int Burst, int PerSecond) party) => PartitionedRateLimiter.CreateChained(
        PartitionedRateLimiter.Create<HttpContext, string>(context => Bucket($"{AddressOf(context)} {context.Request.RouteValues["federation"]}/{context.Request.RouteValues["party"]}", party)),
        PartitionedRateLimiter.Create<HttpContext, string>(context => Bucket(AddressOf(context), address)));

    private static string AddressOf(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "";

    private static RateLimitPartition<string> Bucket(string key, (int Burst, int PerSecond) rate) => RateLimitPartition.GetTokenBucketLimiter(key, _ => new TokenBucketRateLimiterOptions
    {
        TokenLimit = rate.Burst,
        TokensPerPeriod = rate.PerSecond,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        QueueLimit = 0,
    });
}
