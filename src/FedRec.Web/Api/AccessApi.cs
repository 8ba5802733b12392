using FedRec.Contracts.Access;
using FedRec.Web.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace FedRec.Web.Api;

/// <summary>Keys with which programs and people say who they are.</summary>
internal static class AccessApi
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var keys = api.MapGroup("/access/keys").WithTags("Access");
        keys.MapGet("", ListAsync).ForOperators(ofAll: true).WithName("listKeys").WithSummary("Keys, oldest first, and those that were revoked or have expired too.");
        keys.MapPost("", CreateAsync).ForOperators(ofAll: true).WithName("createKey")
            .WithSummary("Makes a key. It is in this answer and nowhere else: only its SHA-256 is stored. From the first key on, everybody is asked who they are.");
        keys.MapDelete("/{id}", RevokeAsync).ForOperators(ofAll: true).WithName("revokeKey").WithSummary("Ends a key for good; within a few seconds it is no good anywhere. May be repeated.");
        api.MapGet("/access/log", ReadLogAsync).ForOperators(ofAll: true).WithTags("Access").WithName("readAccessLog")
            .WithSummary("What operators have changed, newest first: who, what, when, and what became of it. Each entry is hashed with the one before.");
    }

    private static async Task<Ok<AccessLogView>> ReadLogAsync(IGrainFactory grains, CancellationToken cancellationToken) =>
        TypedResults.Ok(AccessLogView.From(await grains.GetGrain<IAccessLogGrain>(IAccessLogGrain.Key).ReadAsync(cancellationToken)));

    private static async Task<Ok<AccessKeyView[]>> ListAsync(IGrainFactory grains, CancellationToken cancellationToken) =>
        TypedResults.Ok((await Grain(grains).ListAsync(cancellationToken)).Select(AccessKeyView.From).ToArray());

    private static async Task<Ok<NewAccessKeyView>> CreateAsync(NewAccessKeyBody body, IGrainFactory grains, KnownKeys known, CancellationToken cancellationToken)
    {
        Check.Range(body.Days, 1, 3_650, "days");
        if (body.Federation is { } federation)
        {
            Check.Name(federation, "federation");
        }

        var text = AccessKeyText.Create();
        try
        {
            var key = await Grain(grains).AddAsync(new AccessKeyTerms(text.Id, text.Hash, body.Name, body.Role, body.Federation, TimeSpan.FromDays(body.Days)), cancellationToken);
            known.Forget();
            return TypedResults.Ok(new NewAccessKeyView(text.Reveal(), AccessKeyView.From(key)));
        }
        catch (ArgumentException exception)
        {
            throw ProblemException.BadRequest(exception.Message);
        }
    }

    private static async Task<Ok<AccessKeyView>> RevokeAsync(string id, IGrainFactory grains, KnownKeys known, CancellationToken cancellationToken)
    {
        var key = await Grain(grains).RevokeAsync(id, cancellationToken)
            ?? throw ProblemException.NotFound("No such key", "There is no key with that id: 12 hexadecimal digits, between the first two underscores of the key. GET ~/api/v1/access/keys lists those that there are.");
        known.Forget();
        return TypedResults.Ok(AccessKeyView.From(key));
    }

    private static IAccessKeysGrain Grain(IGrainFactory grains) => grains.GetGrain<IAccessKeysGrain>(IAccessKeysGrain.Key);
}

/// <summary>A key to be made.</summary>
public sealed record NewAccessKeyBody
{
    /// <summary>What it is called by, 1 to 100 characters.</summary>
    public required string Name { get; init; }

    /// <summary>What it is good for. Default: viewer.</summary>
    public AccessRole Role { get; init; } = AccessRole.Viewer;

    /// <summary>The only federation that it is good for. Default: all of them.</summary>
    public string? Federation { get; init; }

    /// <summary>Days that it is good, 1 to 3,650. Default: 365.</summary>
    public int Days { get; init; } = 365;
}

/// <summary>A key that was made.</summary>
/// <param name="Key">The key, shown this once.</param>
/// <param name="Record">What is remembered of it.</param>
public sealed record NewAccessKeyView(string Key, AccessKeyView Record);

/// <summary>A key as it is remembered.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What it is called by.</param>
/// <param name="Role">What it is good for.</param>
/// <param name="Federation">The only federation that it is good for; null for all of them.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Expires">When it ends by itself.</param>
/// <param name="LastUsed">Day on which it was used last; null for never.</param>
/// <param name="Revoked">When it was revoked; null for a key that was not.</param>
public sealed record AccessKeyView(string Id, string Name, AccessRole Role, string? Federation, DateTimeOffset Created, DateTimeOffset Expires, DateOnly? LastUsed, DateTimeOffset? Revoked)
{
    internal static AccessKeyView From(AccessKeyRecord key) => new(key.Id, key.Name, key.Role, key.Federation, key.Created, key.Expires, key.LastUsed, key.Revoked);
}

/// <summary>What operators have changed.</summary>
/// <param name="Changes">Newest first.</param>
/// <param name="Head">Hash of the newest entry; empty for none.</param>
/// <param name="BrokenAt">Number of the first entry that was changed afterwards or is missing the one before; null where the chain holds.</param>
public sealed record AccessLogView(IReadOnlyList<AccessChangeView> Changes, string Head, long? BrokenAt)
{
    internal static AccessLogView From(IReadOnlyList<AccessLogEntry> entries)
    {
        var outcomes = entries.Where(entry => entry.Note.Of > 0).ToDictionary(entry => entry.Note.Of, entry => entry.Note.Status);
        return new AccessLogView([.. entries.Where(entry => entry.Note.Of == 0).Reverse().Select(entry => new AccessChangeView(
            entry.Number, entry.At, entry.Note.Caller, entry.Note.Action, outcomes.TryGetValue(entry.Number, out var status) ? status : null, entry.Hash))], entries.Count == 0 ? "" : entries[^1].Hash, AccessLogEntry.FindBreak(entries));
    }
}

/// <summary>A change.</summary>
/// <param name="Number">Of its entry.</param>
/// <param name="At">When it was about to be done.</param>
/// <param name="Caller">Who.</param>
/// <param name="Action">What, without users' ids.</param>
/// <param name="Status">The HTTP status that it was answered with; null where nobody knows, as after a crash.</param>
/// <param name="Hash">Of its entry.</param>
public sealed record AccessChangeView(long Number, DateTimeOffset At, string Caller, string Action, int? Status, string Hash);
