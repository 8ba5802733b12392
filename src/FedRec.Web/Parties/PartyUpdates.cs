using System.Buffers;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Rounds;
using FedRec.Web.Api;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace FedRec.Web.Parties;

/// <summary>Takes what parties send, block after block: the front end holds one block of each, whatever its size.</summary>
internal static class PartyUpdates
{
    private const string SignatureHeader = "FedRec-Signature";

    public static async Task<Ok<PartyReceipt>> SubmitAsync(string federation, string party, string run, int round, int attempt, HttpContext context, CancellationToken cancellationToken)
    {
        _ = (federation, party); // in the address
        var (twin, update, length) = (PartyGate.PartyOf(context), new PartyUpdateId(run, round, attempt), LengthOf(context));
        var signature = new byte[64];
        if (!Convert.TryFromBase64String(context.Request.Headers[SignatureHeader].ToString(), signature, out var written) || written != signature.Length)
        {
            throw ProblemException.BadRequest($"The header {SignatureHeader} must be the party's signature of the update: r and s of 32 bytes each, in base64.");
        }

        var (from, all) = RangeOf(context, length);
        var opened = await twin.OpenUpdateAsync(update, all, from, cancellationToken);
        if (opened.Upload == Guid.Empty)
        {
            throw opened.MostBytes == 0 ? NotAsked(update)
                : all > opened.MostBytes || all == 0 ? new ProblemException(StatusCodes.Status413PayloadTooLarge, "Body too large", $"An update of this round has 1 to {opened.MostBytes} bytes, and this one has {all}.")
                : ProblemException.Conflict("Not the next part", $"Of this update {opened.Received} bytes have arrived: go on there, or send all of it.");
        }

        if (!await CopyAsync(context, twin, opened.Upload, from, cancellationToken))
        {
            throw Describe(update, PartyUpdateFault.Incomplete);
        }

        var sent = await twin.SubmitAsync(opened.Upload, signature, CancellationToken.None); // not abandoned half-way
        return sent.Receipt is { } receipt ? TypedResults.Ok(receipt) : throw Describe(update, sent.Fault!.Value);
    }

    public static async Task<Ok<PartyUploadView>> ReceivedAsync(string federation, string party, string run, int round, int attempt, HttpContext context, CancellationToken cancellationToken)
    {
        _ = (federation, party);
        var update = new PartyUpdateId(run, round, attempt);
        var there = await PartyGate.PartyOf(context).ReceivedAsync(update, cancellationToken);
        return there.MostBytes == 0 ? throw NotAsked(update) : TypedResults.Ok(new PartyUploadView(there.Received));
    }

    public static async Task<NoContent> AnswerAsync(string federation, string party, string run, int round, int attempt, string step, HttpContext context, CancellationToken cancellationToken)
    {
        _ = (federation, party);
        if (!Enum.TryParse<SecureStep>(step, ignoreCase: true, out var asked) || !Enum.IsDefined(asked) || asked == SecureStep.Mask || int.TryParse(step, out _))
        {
            throw ProblemException.BadRequest("The address names no step of secure aggregation: advertise, share, consent or unmask.");
        }

        var (update, message) = (new PartyUpdateId(run, round, attempt), await ReadAsync(context, PartyLimits.MostStepBytes, cancellationToken));
        return await PartyGate.PartyOf(context).AnswerAsync(update, asked, message, CancellationToken.None) ? TypedResults.NoContent() : throw NotAsked(update);
    }

    public static async Task<NoContent> EvaluatedAsync(string federation, string party, string evaluation, HttpContext context, CancellationToken cancellationToken)
    {
        _ = (federation, party);
        var id = EvaluationOf(evaluation);
        var sums = await ReadAsync(context, PartyLimits.MostSumBytes, cancellationToken);
        return await PartyGate.PartyOf(context).EvaluatedAsync(id, sums, cancellationToken) ? TypedResults.NoContent() : throw NotAsked(id);
    }

    /// <exception cref="ProblemException">The address names none.</exception>
    public static Guid EvaluationOf(string name) => Guid.TryParse(name, out var id) ? id : throw ProblemException.BadRequest("The address names no evaluation by the id that the order has.");

    public static ProblemException NotAsked(Guid evaluation) => ProblemException.Conflict("Not asked", $"Evaluation {evaluation} is not asked of the party any more.");

    // The server finds out that a body is larger than its address takes when it is read: too late for memory that is taken by the length.
    private static async Task<byte[]> ReadAsync(HttpContext context, int most, CancellationToken cancellationToken)
    {
        var length = LengthOf(context);
        if (length > most)
        {
            throw new ProblemException(StatusCodes.Status413PayloadTooLarge, "Body too large", $"This address takes at most {most} bytes, and the body has {length}.");
        }

        var body = new byte[length];
        await context.Request.Body.ReadExactlyAsync(body, cancellationToken);
        return body;
    }

    private static long LengthOf(HttpContext context) => context.Request.ContentLength
        ?? throw new ProblemException(StatusCodes.Status411LengthRequired, "Length needed", "Say the length of the body (Content-Length).");

    // The rest of an update that was cut off says where it begins: Content-Range: bytes FROM-LAST/ALL (RFC 9110, 14.4).
    private static (long From, long All) RangeOf(HttpContext context, long length)
    {
        var header = context.Request.Headers.ContentRange.ToString();
        if (header.Length == 0)
        {
            return (0, length);
        }

        return ContentRangeHeaderValue.TryParse(header, out var range) && range is { Unit.Value: "bytes", From: { } from, To: { } last, Length: { } all } && last - from + 1 == length && last + 1 == all ? (from, all)
            : throw ProblemException.BadRequest("The header Content-Range must say where the rest of the update begins: bytes FROM-LAST/ALL, with all that is missing in the body.");
    }

    private static async Task<bool> CopyAsync(HttpContext context, IPartyGrain twin, Guid upload, long from, CancellationToken cancellationToken)
    {
        var (block, count, offset) = (ArrayPool<byte>.Shared.Rent(PartyLimits.BlockBytes), 0, from);
        try
        {
            while (await context.Request.Body.ReadAsync(block.AsMemory(count, PartyLimits.BlockBytes - count), cancellationToken) is > 0 and var read)
            {
                count += read;
                if (count == PartyLimits.BlockBytes && !await PassOnAsync())
                {
                    return false; // another one was begun meanwhile, or the twin is on another silo now
                }
            }

            return count == 0 || await PassOnAsync();
        }
        catch (Exception exception) when (count > 0 && exception is IOException or OperationCanceledException)
        {
            await PassOnAsync(); // what has come is kept: the rest goes on there
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }

        async Task<bool> PassOnAsync()
        {
            var isAdded = await twin.AddBlockAsync(upload, offset, block.AsMemory(0, count).ToArray(), CancellationToken.None);
            (offset, count) = (offset + count, 0);
            return isAdded;
        }
    }

    private static ProblemException NotAsked(PartyUpdateId update) =>
        ProblemException.Conflict("Not asked", $"Round {update.Round} of {update.Run}, attempt {update.Attempt}, is not asked of the party any more. Poll for what is.");

    private static ProblemException Describe(PartyUpdateId update, PartyUpdateFault fault) => fault switch
    {
        PartyUpdateFault.NotAsked => NotAsked(update),
        PartyUpdateFault.Incomplete => ProblemException.Conflict("Update cut off", "Not all of the update has arrived, or another one was begun meanwhile. Send what is missing, or all of it again."),
        PartyUpdateFault.NotSigned => ProblemException.BadRequest($"The header {SignatureHeader} is not the party's signature of these bytes for this order: federation, run, round, client, attempt, base version, phase, model, catalogue and configuration are signed with them."),
        PartyUpdateFault.OtherBytes => ProblemException.Conflict("Other bytes", "Other bytes were sent for this round and attempt before; nothing of these was counted."),
        PartyUpdateFault.Unreadable => ProblemException.BadRequest("The body is no update of this round: its form, its scale or its length is another one."),
        _ => new ProblemException(StatusCodes.Status503ServiceUnavailable, "Round not reached", "The round did not answer. Send the same update again: it is counted once."),
    };
}
