using FedRec.Contracts.RemoteParties;
using FedRec.Web.Access;
using FedRec.Web.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace FedRec.Web.Api;

/// <summary>What the operator of a federation does about parties with a process of their own: what these do themselves is at <c>/party/v1</c>.</summary>
internal static class PartiesApi
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var parties = api.MapGroup("/federations/{federation}/parties").WithTags("Federations");
        parties.MapGet("", ListAsync).ForViewers().WithName("listParties").WithSummary("Parties that keep their data in a process of their own, in the order in which they were invited.");
        parties.MapGet("/{name}", GetAsync).ForViewers().WithName("getParty").WithSummary("One party, with what became of its last updates.");
        parties.MapGet("/{name}/signatures/{run}", SignaturesAsync).ForViewers().WithName("getPartySignatures")
            .WithSummary("What a party has signed for a run: each statement with its signature and the key, so that anybody can check what was counted. The updates themselves are not kept.");
        parties.MapPost("/{name}/invitation", InviteAsync).ForOperators().WithName("inviteParty").ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Makes a code with which a party joins, good once. An earlier one of a party that has not been approved is void. The code is kept nowhere: it is in this answer only.");
        parties.MapPost("/{name}/approve", (string federation, string name, FederationSelector selector, CancellationToken cancellationToken, string? fingerprint = null) =>
            SetAsync(federation, name, PartyStanding.Active, selector, cancellationToken, fingerprint)).ForOperators().WithName("approveParty").ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Lets a party that has joined take part, once both sides have compared the fingerprint: with the one that was compared another key is refused. May be repeated.");
        MapStanding(parties, "suspend", PartyStanding.Suspended, "Lets a party alone for the time being: rounds do not wait for it. May be repeated.");
        MapStanding(parties, "resume", PartyStanding.Active, "Lets a suspended party take part again. May be repeated.");
        MapStanding(parties, "remove", PartyStanding.Removed, "Takes a party out for good; what it has added to models stays in them. May be repeated.");
    }

    /// <summary>A code for a party, and how it is used.</summary>
    /// <remarks>Where the request came to is where the party goes, unless the host says otherwise.</remarks>
    /// <exception cref="ProblemException">The party cannot be invited so, or parties could not reach this server.</exception>
    public static async Task<InvitationView> MakeAsync(string federation, string name, InvitationBody body, HttpContext context, CancellationToken cancellationToken)
    {
        Check.Name(federation, nameof(federation));
        Check.Range(body.Days, 1, 30, "days");
        var (selector, options) = (context.RequestServices.GetRequiredService<FederationSelector>(), context.RequestServices.GetRequiredService<IOptions<FedRecWebOptions>>().Value);
        var url = options.PartyUrl ?? new Uri($"{context.Request.Scheme}://{context.Request.Host}{Mount.Address(context)}/");
        if (!PartyCode.IsSafe(url))
        {
            throw ProblemException.Conflict("No address for parties", $"Parties would go to {url}, which they refuse, as it is not encrypted. Set FedRec:Web:PartyPort or FedRec:Web:PartyUrl (in a host of your own, FedRecWebOptions.PartyUrl).");
        }

        try
        {
            var terms = new PartyTerms(body.HasManyUsers, body.Labels, body.Ratings, TimeSpan.FromDays(body.Days));
            var ticket = await selector.Parties(federation).InviteAsync(name, terms, cancellationToken);
            selector.Forget();
            var code = new PartyCode(url, options.PartyUrl is null ? "" : options.PartyPin, federation, ticket.Server, ticket.Party, name, terms.HasManyUsers, ticket.Secret.ToArray(), ticket.Until, ticket.ServerKey.ToArray(), ticket.Moves).Write();
            return new InvitationView(name, federation, url, ticket.Until, code, $"fedrec party join {code} --data PATH");
        }
        catch (ArgumentException exception)
        {
            throw ProblemException.BadRequest(exception.Message);
        }
    }

    /// <summary>Sets what a party may do, where it has the key whose fingerprint was compared; null for one that was not.</summary>
    /// <exception cref="ProblemException">There is none, it cannot get there, or it has another key than the one that was compared.</exception>
    public static async Task<PartyRecord> StandAsync(FederationSelector selector, string federation, string name, PartyStanding standing, string? compared, CancellationToken cancellationToken)
    {
        var known = await FindAsync(selector, federation, name, cancellationToken);
        if (compared is not null && compared != known.Fingerprint)
        {
            throw ProblemException.Conflict("Another key", known.Fingerprint.Length == 0 ? $"Nobody has joined as '{name}' any more: compare the fingerprint again once somebody has."
                : $"Party '{name}' has another key now, with the fingerprint {known.Fingerprint}. Compare that one.");
        }

        try
        {
            return await selector.Parties(federation).SetStandingAsync(name, standing, cancellationToken) ?? throw Missing(federation, name);
        }
        catch (ArgumentException exception)
        {
            throw ProblemException.Conflict("Not from there", exception.Message);
        }
    }

    private static void MapStanding(IEndpointRouteBuilder parties, string verb, PartyStanding standing, string summary) =>
        parties.MapPost($"/{{name}}/{verb}", (string federation, string name, FederationSelector selector, CancellationToken cancellationToken) => SetAsync(federation, name, standing, selector, cancellationToken)).ForOperators()
            .WithName($"{verb}Party").WithSummary(summary).ProducesProblem(StatusCodes.Status409Conflict);

    private static async Task<Ok<PartyView[]>> ListAsync(string federation, FederationSelector selector, CancellationToken cancellationToken) =>
        TypedResults.Ok((await selector.Parties(await selector.SelectAsync(federation, cancellationToken)).ListAsync(cancellationToken)).Select(PartyView.From).ToArray());

    private static async Task<Ok<PartyDetailView>> GetAsync(string federation, string name, FederationSelector selector, CancellationToken cancellationToken) =>
        TypedResults.Ok(PartyDetailView.From(await FindAsync(selector, federation, name, cancellationToken)));

    private static async Task<Ok<SignedUpdateView[]>> SignaturesAsync(string federation, string name, string run, FederationSelector selector, IGrainFactory grains, CancellationToken cancellationToken)
    {
        var party = await FindAsync(selector, federation, name, cancellationToken);
        Check.Name(run, nameof(run));
        var signatures = await grains.GetGrain<IPartyGrain>($"{federation}/{party.Id}").GetSignaturesAsync(run, cancellationToken) ?? throw Missing(federation, name);
        return TypedResults.Ok(signatures.Updates.Select(update => SignedUpdateView.From(federation, signatures.Server, party.Id, update)).ToArray());
    }

    private static async Task<Ok<InvitationView>> InviteAsync(string federation, string name, InvitationBody body, HttpContext context, CancellationToken cancellationToken) =>
        TypedResults.Ok(await MakeAsync(federation, name, body, context, cancellationToken));

    private static async Task<Ok<PartyView>> SetAsync(string federation, string name, PartyStanding standing, FederationSelector selector, CancellationToken cancellationToken, string? fingerprint = null) =>
        TypedResults.Ok(PartyView.From(await StandAsync(selector, federation, name, standing, fingerprint, cancellationToken)));

    private static async Task<PartyRecord> FindAsync(FederationSelector selector, string federation, string name, CancellationToken cancellationToken) =>
        await selector.Parties(await selector.SelectAsync(federation, cancellationToken)).FindAsync(name, cancellationToken) ?? throw Missing(federation, name);

    private static ProblemException Missing(string federation, string name) =>
        ProblemException.NotFound("No such party", $"Federation '{federation}' has no party '{name}'. GET ~/api/v1/federations/{federation}/parties lists those that there are.");
}
