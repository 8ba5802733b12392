using FedRec.Contracts.Federations;
using FedRec.Web.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace FedRec.Web.Api;

/// <summary>Organisations that keep their data in a federation, and the silos that it may be on.</summary>
internal static class OrganisationsApi
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var organisations = api.MapGroup("/federations/{federation}/organisations").WithTags("Federations");
        organisations.MapGet("", ListAsync).ForViewers().WithName("listOrganisations").WithSummary("Organisations that keep their data, by number: their names are known to nobody who is not told.");
        organisations.MapGet("/{name}", GetAsync).ForViewers().WithName("getOrganisation").WithSummary("One organisation, by its name.");
        organisations.MapPut("/{name}", BindAsync).ForOperators().WithName("bindOrganisation")
            .WithSummary("Binds an organisation to silos with a label: no other silo has its data in memory when this returns. One that is not there yet joins, so that it is bound before its first interaction.");
    }

    private static async Task<Ok<OrganisationView[]>> ListAsync(string federation, FederationSelector selector, CancellationToken cancellationToken)
    {
        var lines = await selector.Organisations(await selector.SelectAsync(federation, cancellationToken)).ListAsync(cancellationToken);
        return TypedResults.Ok(lines.Select(OrganisationView.From).ToArray());
    }

    private static async Task<Ok<OrganisationView>> GetAsync(string federation, string name, FederationSelector selector, CancellationToken cancellationToken)
    {
        var line = await selector.Organisations(await selector.SelectAsync(federation, cancellationToken)).FindAsync(name, cancellationToken);
        return line is not null ? TypedResults.Ok(OrganisationView.From(line))
            : throw ProblemException.NotFound("No such organisation", $"Federation '{federation}' has no organisation '{name}'. It joins with its first interaction, or when it is bound to a label.");
    }

    private static async Task<Ok<OrganisationView>> BindAsync(string federation, string name, OrganisationBody body, FederationSelector selector, CancellationToken cancellationToken)
    {
        Check.Name(federation, nameof(federation));
        var line = await selector.Organisations(federation).SetLabelAsync(name, body.Label, body.Ratings, cancellationToken);
        selector.Forget();
        return TypedResults.Ok(OrganisationView.From(line));
    }
}

/// <summary>What an organisation is bound to.</summary>
public sealed record OrganisationBody
{
    /// <summary>Label of the silos that its data may be on, such as <c>region=eu</c>. Default: any silo.</summary>
    public string? Label { get; init; }

    /// <summary>Whether interactions carry ratings, for a federation that is not there yet and begins with it. Default: the federation must be there.</summary>
    public bool? Ratings { get; init; }
}

/// <summary>An organisation.</summary>
/// <param name="Client">Its number as a client.</param>
/// <param name="Users">Users that it has.</param>
/// <param name="Label">Label of the silos that it is bound to; null for any silo.</param>
/// <param name="Silos">Silos that are up on which its data may be; at 0 nothing is recorded, trained or recommended for it.</param>
public sealed record OrganisationView(int Client, int Users, string? Label, int Silos)
{
    internal static OrganisationView From(OrganisationLine line) => new(line.Client, line.Users, line.Label, line.Silos);
}
