using System.Globalization;
using FedRec.Contracts.RemoteParties;
using FedRec.Web.Access;
using FedRec.Web.Api;
using FedRec.Web.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FedRec.Web.Parties;

/// <summary>What parties with a process of their own ask of the coordinator: they always call, and nobody calls them.</summary>
internal static class PartyApi
{
    /// <summary>Header of the answer to a poll with the number of the version in use; left out while there is none.</summary>
    private const string InUseHeader = "FedRec-In-Use";

    private static readonly TimeSpan s_part = TimeSpan.FromSeconds(10); // the longest that a twin waits

    public static void Map(IEndpointRouteBuilder own)
    {
        var open = own.MapGroup("/party/v1/{federation}/{party}").AnswersEveryName().WithTags("Parties").AddEndpointFilter(PartyRates.CheckAsync)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status429TooManyRequests).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        open.MapPost("/join", JoinAsync).ForParties().WithName("joinAsParty").WithSummary("Takes the public key of whoever has the invitation and the private key; the party is pending then. Good once; with the same key again, the same answer.")
            .ProducesProblem(StatusCodes.Status403Forbidden);
        var known = open.MapGroup("").AddEndpointFilter(PartyGate.CheckAsync).ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status410Gone);
        known.MapPut("/key", RotateAsync).ForParties().WithName("rotateAsParty").WithSummary("Puts another key in the place of the party's; the one before is good for an hour more. With the same key again, the same answer.");
        known.MapPost("/poll", PollAsync).ForParties().WithName("pollAsParty").WithSummary("What the party is to do next; 204 when there is nothing within the wait. The same order is given until it is answered.").ChangesNothing();
        known.MapGet("/model", GetVersionInUseAsync).ForParties().WithName("modelAsParty").WithSummary("Names the version in use the way an order names a model, with its number as baseVersion: for the party's own users. Nothing is asked with it.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        known.MapPut("/report", ReportAsync).ForParties().WithName("reportAsParty").WithSummary("How much the party holds, before a run weighs it by that.");
        known.MapGet("/content/{sha256}", PartyContent.DownloadAsync).ForParties().WithName("readAsParty").WithSummary("Base parameters (little-endian float32) or the catalogue (JSON) that an order of the party names, by SHA-256; with ranges.")
            .Produces(StatusCodes.Status200OK, contentType: "application/octet-stream").Produces(StatusCodes.Status206PartialContent, contentType: "application/octet-stream").ProducesProblem(StatusCodes.Status404NotFound);
        known.MapPut("/updates/{run}/{round:int}/{attempt:int}", PartyUpdates.SubmitAsync).ForParties().WithName("submitAsParty").Accepts<byte[]>("application/octet-stream").WithBodyOf(Array.MaxLength)
            .WithSummary("An update, of a length that is said, signed by the header FedRec-Signature. The same update again gets the same receipt; other bytes are refused.")
            .ProducesProblem(StatusCodes.Status409Conflict);
        known.MapGet("/updates/{run}/{round:int}/{attempt:int}", PartyUpdates.ReceivedAsync).ForParties().WithName("receivedAsParty")
            .WithSummary("How much of an update has arrived: one that was cut off goes on there, with the header Content-Range.").ProducesProblem(StatusCodes.Status409Conflict);
        known.MapPut("/updates/{run}/{round:int}/{attempt:int}/steps/{step}", PartyUpdates.AnswerAsync).ForParties().WithName("answerAsParty").Accepts<byte[]>("application/octet-stream").WithBodyOf(PartyLimits.MostStepBytes)
            .WithSummary("The answer to a step of secure aggregation (advertise, share, consent, unmask), as the order asks for it: signed by itself.").ProducesProblem(StatusCodes.Status409Conflict);
        known.MapPost("/updates/{run}/{round:int}/{attempt:int}/refusal", RefuseAsync).ForParties().WithName("refuseAsParty").WithSummary("That the party will not do what it was asked, and why: the round need not wait for it.").ProducesProblem(StatusCodes.Status409Conflict);
        known.MapPut("/evaluations/{evaluation}", PartyUpdates.EvaluatedAsync).ForParties().WithName("evaluatedAsParty").Accepts<byte[]>("application/octet-stream").WithBodyOf(PartyLimits.MostSumBytes)
            .WithSummary("Sums of an evaluation; empty where the party sends none.").ProducesProblem(StatusCodes.Status409Conflict);
        known.MapPost("/evaluations/{evaluation}/refusal", RefuseEvaluationAsync).ForParties().WithName("refuseEvaluationAsParty").WithSummary("That the party will not evaluate, and why: the evaluation goes on without it.").ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Ok<PartyJoinedView>> JoinAsync(string federation, string party, PartyJoinBody body, HttpContext context, CancellationToken cancellationToken)
    {
        PartyGate.CheckVersion(context);
        _ = (federation, party); // in the address
        var outcome = await PartyGate.PartyOf(context).JoinAsync(new PartyJoin(body.Secret, body.PublicKey, body.Proof), cancellationToken);
        return outcome switch
        {
            PartyJoinOutcome.Pending => TypedResults.Ok(new PartyJoinedView(PartyFingerprint.Of(body.PublicKey))),
            PartyJoinOutcome.NotProven => throw ProblemException.BadRequest("publicKey is no P-256 key (SubjectPublicKeyInfo), or proof is not its signature."),
            PartyJoinOutcome.Expired => throw Refused("The invitation has ended. Ask for a new code."),
            PartyJoinOutcome.Used => throw Refused("Somebody has joined with this code, and another key. If that was you and the key is lost, the operator forgets the party (fedrec party forget) and invites it again. If it was not you, tell whoever gave you the code at once."),
            _ => throw Refused("There is no such invitation, or the code is one of before. Ask for a new code."),
        };
    }

    private static async Task<Ok<PartyJoinedView>> RotateAsync(string federation, string party, PartyKeyBody body, HttpContext context, CancellationToken cancellationToken)
    {
        _ = (federation, party);
        return await PartyGate.PartyOf(context).RotateAsync(new PartyRotation(body.PublicKey, body.Signature, body.Proof), cancellationToken) == PartyRotationOutcome.Rotated
            ? TypedResults.Ok(new PartyJoinedView(PartyFingerprint.Of(body.PublicKey)))
            : throw ProblemException.BadRequest("publicKey is no P-256 key (SubjectPublicKeyInfo), or signature and proof are not those of the party's key and of the new one.");
    }

    private static async Task<Results<Ok<PartyOrder>, NoContent>> PollAsync(string federation, string party, HttpContext context, CancellationToken cancellationToken, int wait = 25)
    {
        _ = party;
        Check.Range(wait, 0, (long)PartyLimits.PollWait.TotalSeconds, nameof(wait));
        var (time, ending) = (context.RequestServices.GetRequiredService<TimeProvider>(), context.RequestServices.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, ending);
        var order = (PartyOrder?)null;
        for (var left = TimeSpan.FromSeconds(wait); order is null;)
        {
            var (began, part) = (time.GetTimestamp(), left < s_part ? left : s_part);
            try
            {
                order = await PartyGate.PartyOf(context).PollAsync(part, either.Token);
            }
            catch (OperationCanceledException) when (ending.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                break; // a server that stops waits for nobody: the party asks again
            }

            left -= part > time.GetElapsedTime(began) ? part : time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero || ending.IsCancellationRequested)
            {
                break;
            }
        }

        await SayInUseAsync(federation, context);
        return order is null ? TypedResults.NoContent() : TypedResults.Ok(order);
    }

    private static async Task SayInUseAsync(string federation, HttpContext context)
    {
        if (await context.RequestServices.GetRequiredService<VersionsInUse>().OfAsync(federation) is > 0 and var version)
        {
            context.Response.Headers[InUseHeader] = version.ToString(CultureInfo.InvariantCulture);
        }
    }

    private static async Task<Ok<PartyOrder>> GetVersionInUseAsync(string federation, string party, HttpContext context, CancellationToken cancellationToken)
    {
        _ = (federation, party);
        return TypedResults.Ok(await PartyGate.PartyOf(context).GetVersionInUseAsync(cancellationToken)
            ?? throw ProblemException.NotFound("No version in use", $"No version of {federation} is in use, or the run that has trained it is not there any more."));
    }

    private static async Task<NoContent> ReportAsync(string federation, string party, PartyReportBody body, HttpContext context, CancellationToken cancellationToken)
    {
        _ = (federation, party);
        Check.Range(body.SizeClass, 0, 31, "sizeClass");
        await PartyGate.PartyOf(context).ReportAsync(new PartyReport(body.Users, (byte)body.SizeClass) { MatchedItems = body.MatchedItems, UnmatchedItems = body.UnmatchedItems, ReadAt = body.ReadAt }, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> RefuseAsync(string federation, string party, string run, int round, int attempt, PartyRefusalBody body, HttpContext context, CancellationToken cancellationToken)
    {
        _ = (federation, party);
        return await PartyGate.PartyOf(context).RefuseAsync(new PartyUpdateId(run, round, attempt), body.Reason, cancellationToken) ? TypedResults.NoContent()
            : throw ProblemException.Conflict("Not asked", $"Round {round} of {run}, attempt {attempt}, is not asked of the party any more.");
    }

    private static async Task<NoContent> RefuseEvaluationAsync(string federation, string party, string evaluation, PartyRefusalBody body, HttpContext context, CancellationToken cancellationToken)
    {
        _ = (federation, party);
        var id = PartyUpdates.EvaluationOf(evaluation);
        return await PartyGate.PartyOf(context).RefuseEvaluationAsync(id, body.Reason, cancellationToken) ? TypedResults.NoContent() : throw PartyUpdates.NotAsked(id);
    }

    private static ProblemException Refused(string detail) => new(StatusCodes.Status403Forbidden, "Not invited", detail);
}

/// <summary>What somebody who has an invitation shows.</summary>
public sealed record PartyJoinBody
{
    /// <summary>The secret in the code; base64.</summary>
    public required byte[] Secret { get; init; }

    /// <summary>The party's key: P-256, SubjectPublicKeyInfo; base64.</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary>Signature with the private key, r and s of 32 bytes each; base64.</summary>
    public required byte[] Proof { get; init; }
}

/// <summary>A party whose key is taken down.</summary>
/// <param name="Fingerprint">The key in words, which both sides compare.</param>
public sealed record PartyJoinedView(string Fingerprint);

/// <summary>Another key for a party.</summary>
public sealed record PartyKeyBody
{
    /// <summary>The new key: P-256, SubjectPublicKeyInfo; base64.</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary>Signature with the key that the party has; base64.</summary>
    public required byte[] Signature { get; init; }

    /// <summary>Signature with the new one; base64.</summary>
    public required byte[] Proof { get; init; }
}

/// <summary>An update on its way.</summary>
/// <param name="Received">Bytes that have arrived.</param>
public sealed record PartyUploadView(long Received);

/// <summary>How much a party holds.</summary>
public sealed record PartyReportBody
{
    /// <summary>Number of users.</summary>
    public required int Users { get; init; }

    /// <summary>0 for nothing, n for at least 2ⁿ⁻¹ and less than 2ⁿ interactions.</summary>
    public required int SizeClass { get; init; }

    /// <summary>Items of its data that the catalogue has, 0 to 1,000,000,000. Default: not told.</summary>
    public int? MatchedItems { get; init; }

    /// <summary>Items of its data that the catalogue does not have, 0 to 1,000,000,000. Default: not told.</summary>
    public int? UnmatchedItems { get; init; }

    /// <summary>When it read its data last, by its own clock. Default: not told.</summary>
    public DateTimeOffset? ReadAt { get; init; }
}

/// <summary>Why a party will not do what it was asked.</summary>
public sealed record PartyRefusalBody
{
    /// <summary>In words, without anything of the party's data.</summary>
    public required string Reason { get; init; }
}
