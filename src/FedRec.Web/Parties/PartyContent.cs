using FedRec.Contracts.RemoteParties;
using FedRec.Web.Api;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace FedRec.Web.Parties;

/// <summary>Gives a party what its orders name, part by part; a download that was cut off goes on where it ended (ranges).</summary>
internal static class PartyContent
{
    public static async Task<FileStreamHttpResult> DownloadAsync(string federation, string party, string sha256, HttpContext context, CancellationToken cancellationToken)
    {
        _ = (federation, party); // in the address
        var twin = PartyGate.PartyOf(context);
        var whole = await twin.ReadAsync(sha256, 0, 0, cancellationToken)
            ?? throw ProblemException.NotFound("Nothing of that hash", "No order that the party has now names this hash: the round may be over. Poll for what is asked now.");
        var content = new ContentStream("What an order named", whole, (offset, stop) => twin.ReadAsync(sha256, offset, PartyLimits.BlockBytes, stop));
        return TypedResults.Stream(content, "application/octet-stream", enableRangeProcessing: true, entityTag: new EntityTagHeaderValue($"\"{sha256}\""));
    }
}
