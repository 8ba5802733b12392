using FedRec.Contracts.Privacy;
using FedRec.Web.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace FedRec.Web.Api;

/// <summary>What a federation has spent of its clients' privacy.</summary>
internal static class PrivacyApi
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var privacy = api.MapGroup("/privacy").WithTags("Privacy");
        privacy.MapGet("", GetAsync).ForViewers().WithName("getPrivacy").WithSummary("What the private runs of a federation have spent, and the most that they may.");
        privacy.MapPut("/budget", SetAsync).ForOperators().WithName("setPrivacyBudget").WithSummary("Sets the most that the private runs of a federation may spend together; without a body's epsilon there is no limit.");
    }

    private static async Task<Ok<PrivacyView>> GetAsync(FederationSelector selector, CancellationToken cancellationToken, string? federation = null, double delta = PrivacySettings.UsualDelta)
    {
        Check.Share(delta, nameof(delta));
        var name = await selector.SelectAsync(federation, cancellationToken);
        return TypedResults.Ok(await ViewAsync(selector, name, delta, cancellationToken));
    }

    private static async Task<Ok<PrivacyView>> SetAsync(PrivacyBudgetBody body, FederationSelector selector, CancellationToken cancellationToken, string? federation = null)
    {
        var name = await selector.SelectAsync(federation, cancellationToken);
        try
        {
            await selector.Privacy(name).SetBudgetAsync(body.Epsilon is { } epsilon ? new PrivacyBudget(epsilon, body.Delta) : null, cancellationToken);
        }
        catch (ArgumentException exception)
        {
            throw ProblemException.BadRequest(exception.Message);
        }

        return TypedResults.Ok(await ViewAsync(selector, name, body.Epsilon is null ? PrivacySettings.UsualDelta : body.Delta, cancellationToken));
    }

    private static async Task<PrivacyView> ViewAsync(FederationSelector selector, string name, double delta, CancellationToken cancellationToken)
    {
        var ledger = selector.Privacy(name);
        var read = await ledger.ReadAsync(cancellationToken);
        return new PrivacyView(name, await ledger.SpentAsync(delta, cancellationToken), delta, read.Budget, [.. read.Accounts], read.Head);
    }
}

/// <summary>What a federation has spent of its clients' privacy.</summary>
/// <param name="Federation">The federation.</param>
/// <param name="Epsilon">ε of all releases of its private runs.</param>
/// <param name="Delta">At this δ.</param>
/// <param name="Budget">The most that may be spent; null for no limit.</param>
/// <param name="Accounts">Releases by run and by how they were made.</param>
/// <param name="Head">The end of the chain of hashes of all charges; empty before the first.</param>
public sealed record PrivacyView(string Federation, double Epsilon, double Delta, PrivacyBudget? Budget, PrivacyAccount[] Accounts, string Head);

/// <summary>The most that the private runs of a federation may spend together.</summary>
/// <param name="Epsilon">More than 0 and at most 1,000; null for no limit.</param>
/// <param name="Delta">More than 0 and less than 1.</param>
public sealed record PrivacyBudgetBody(double? Epsilon = null, double Delta = PrivacySettings.UsualDelta);
