using FedRec.Cli.Hosting;
using FedRec.Contracts.Recommendations;
using FedRec.Grains.Recommendations;
using FedRec.Web;
using FedRec.Web.Access;
using FedRec.Web.Api;
using FedRec.Web.Dashboard;
using FedRec.Web.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Cli.Parties;

/// <summary>Serves a party's own users on this machine: the addresses and answers of the API, from the model that the party serves. Nothing of it goes to the coordinator.</summary>
internal sealed class PartyServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private PartyServer(WebApplication app) => _app = app;

    /// <summary>Where it is.</summary>
    public Uri Address => WebFrontEnd.Address(_app);

    /// <summary>Starts it.</summary>
    /// <param name="context">Terminal and configuration.</param>
    /// <param name="membership">The party.</param>
    /// <param name="newest">What it serves from.</param>
    /// <param name="port">The port at loopback; 0 for any that is free.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="CliException">The port is taken.</exception>
    public static async Task<PartyServer> StartAsync(CommandContext context, PartyMembership membership, NewestModel newest, int port, CancellationToken cancellationToken)
    {
        WebFrontEnd.RequireFree(port);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, EnvironmentName = "Production" });
        builder.AddQuietLog(context);
        builder.Services.AddSingleton<IStartupFilter, ShortAddresses>();
        builder.Services.AddFedRecWeb();
        WebFrontEnd.Listen(builder, new() { Host = "localhost" }, port);
        var app = builder.Build();
        var mount = app.Services.GetRequiredService<Mounts>().Add(ShortAddresses.Prefix);
        var all = new OwnRoutes(app).MapGroup(mount.Prefix).WithMetadata(mount);
        EndpointRules.Apply(all);
        Map(all, new PartyAnswers(membership.Code.Federation, newest), new PartyPage(membership.Code, newest));
        await app.StartAsync(cancellationToken);
        return new PartyServer(app);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static void Map(RouteGroupBuilder all, PartyAnswers answers, PartyPage page)
    {
        var api = all.MapGroup("/api/v1");
        api.MapGet("/recommendations/{user}", (string user, string? federation = null, int k = 10, bool explain = false, string[]? exclude = null, string[]? tag = null, int offset = 0) =>
            TypedResults.Ok(answers.Recommend(user, federation, k, explain, RecommendationsApi.Part(k, exclude ?? [], tag ?? [], offset)))).ForAll();
        api.MapGet("/items/{item}/similar", (string item, string? federation = null, int k = 10) => TypedResults.Ok(answers.FindSimilar(item, federation, k))).ForAll();
        api.MapGet("/users", (string? federation = null, string prefix = "", int count = 20) => TypedResults.Ok(answers.FindUsers(federation, prefix, count))).ForViewers();
        api.MapGet("/model", () => TypedResults.Ok(answers.Model())).ForViewers();
        all.MapGet("", (HttpContext context, string? user = null) => TypedResults.Content(page.Render(Mount.Address(context), user, answers), "text/html; charset=utf-8")).ForViewers();
        AssetEndpoints.Map(all);
    }
}

/// <summary>What a party answers its users: the API's own answers.</summary>
internal sealed class PartyAnswers(string federation, NewestModel newest)
{
    /// <summary>A user's list.</summary>
    /// <exception cref="ProblemException">There is none; says why.</exception>
    public RecommendationsView Recommend(string user, string? of, int count, bool explain, ListPart? part)
    {
        Check.Range(count, 1, RecommendationsApi.Most, "k");
        CheckFederation(of);
        if (newest.Data?.Knows(user) != true)
        {
            throw ProblemException.NotFound("No such user", $"The party has no user '{user}' in its data, as it was last read. GET ~/api/v1/users lists some.");
        }

        var answer = Require().Recommend(newest.Data, new RecommendationQuery(user, count, explain, Version: 0) { Part = part });
        return answer.Outcome switch
        {
            RecommendationOutcome.Found => new RecommendationsView(federation, user, newest.Kept!.Version, [.. answer.Items.Select(RecommendedItemView.From)], answer.Reason),
            RecommendationOutcome.UnknownUser => throw ProblemException.NotFound("Nothing to go by", $"Nothing that user '{user}' has met is in the catalogue of {federation}. The party's folder lists items that are not."),
            _ => throw RecommendationsApi.NoList(answer.Outcome, federation, 0, 0, answer.Reason),
        };
    }

    /// <summary>Items near to one.</summary>
    /// <exception cref="ProblemException">There are none; says why.</exception>
    public SimilarItemsView FindSimilar(string item, string? of, int count)
    {
        Check.Range(count, 1, RecommendationsApi.Most, "k");
        CheckFederation(of);
        var answer = Require().FindSimilar(new SimilarQuery(item, count));
        return answer.Outcome switch
        {
            RecommendationOutcome.Found => SimilarItemsView.From(federation, item, answer),
            RecommendationOutcome.UnknownItem => throw ProblemException.NotFound("No such item", $"There is no item '{item}' in the catalogue of {federation}; a list of recommendations names some that are."),
            _ => throw RecommendationsApi.NoList(answer.Outcome, federation, 0, 0, answer.Reason),
        };
    }

    /// <summary>Some of the party's users.</summary>
    /// <exception cref="ProblemException">A value is out of range.</exception>
    public IReadOnlyList<string> FindUsers(string? of, string prefix, int count)
    {
        Check.Range(count, 1, RecommendationsApi.Most, nameof(count));
        CheckFederation(of);
        return [.. (newest.Data?.Users ?? []).Where(user => user.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)).Take(count)];
    }

    /// <summary>What the party serves from.</summary>
    /// <exception cref="ProblemException">There is nothing yet.</exception>
    public PartyModelView Model()
    {
        Require();
        var kept = newest.Kept!;
        return new PartyModelView(federation, kept.Run, kept.Round, kept.Version, kept.IsEvaluated, kept.Order.Request.Learner, kept.Sha256, kept.At, newest.InUse, kept.InUse > 0 && !newest.IsBehind);
    }

    private PartyRecommender Require() => newest.Recommender
        ?? throw ProblemException.NotFound("No model yet", "The party has no trained model yet: it keeps what a run ends with when it takes part in its evaluation. Wait for a run of the coordinator.");

    private void CheckFederation(string? of)
    {
        if (of is not null && of != federation)
        {
            throw ProblemException.NotFound("No such federation", $"The party belongs to federation '{federation}', and not to '{of}'.");
        }
    }
}

/// <summary>The model that a party serves from.</summary>
/// <param name="Federation">The federation.</param>
/// <param name="Run">The run that has trained it.</param>
/// <param name="Round">Rounds of it that are in the model; 0 for a version that the party was asked about by its number.</param>
/// <param name="Version">Number of the version; 0 where the coordinator did not tell it.</param>
/// <param name="IsEvaluated">Whether the coordinator had it evaluated; else a round began with it.</param>
/// <param name="Learner">Its learner.</param>
/// <param name="Sha256">Hash of its parameters.</param>
/// <param name="FetchedAt">When the party got it.</param>
/// <param name="InUse">Number of the version that is in use, as the coordinator has told last; null where it has not.</param>
/// <param name="IsInUse">Whether this is that version, or was when the coordinator was last there.</param>
internal sealed record PartyModelView(string Federation, string Run, int Round, long Version, bool IsEvaluated, string Learner, string Sha256, DateTimeOffset FetchedAt, long? InUse, bool IsInUse);
