using FedRec.Web.Api;
using Microsoft.AspNetCore.Mvc;

namespace FedRec.Web.Dashboard.Overview;

/// <summary>What the page shows.</summary>
public sealed record OverviewModel
{
    /// <summary>All federations, the most recently active first.</summary>
    public required IReadOnlyList<string> Federations { get; init; }

    /// <summary>The federation shown.</summary>
    public required string Federation { get; init; }

    /// <summary>Its runs, newest first.</summary>
    public required IReadOnlyList<string> Runs { get; init; }

    /// <summary>What the page goes on to by itself when it starts: <c>newest</c> run of any federation, newest of this
    /// <c>federation</c>, or <c>none</c> when the address named the run.</summary>
    public required string Follow { get; init; }

    /// <summary>Where the page was asked for, such as <c>http://localhost:5080</c>.</summary>
    public required string Origin { get; init; }

    /// <summary>Something the reader should know first.</summary>
    public string? Notice { get; init; }

    /// <summary>The run shown.</summary>
    public RunOverview? Run { get; init; }

    /// <summary>What the parties say of their data; null where each user is a client, who says nothing, and when nobody can be asked.</summary>
    public DataReportView? Data { get; init; }

    /// <summary>Parties with a process of their own; null where the federation simulates its clients.</summary>
    public PartiesModel? Parties { get; init; }

    /// <summary>Versions of the model.</summary>
    public required ModelsView Models { get; init; }

    /// <summary>The recommendations asked for.</summary>
    public required RecommendationModel Recommendation { get; init; }
}

/// <summary>One run with its curves and events.</summary>
/// <param name="Run">Where it stands.</param>
/// <param name="Metrics">Its rounds and evaluations.</param>
/// <param name="Current">The open round, or the last one.</param>
/// <param name="Events">Newest first, without progress.</param>
/// <param name="LastEvent">Number of the last event read; the live stream goes on after it.</param>
public sealed record RunOverview(
    RunView Run,
    MetricsView Metrics,
    RoundView? Current,
    IReadOnlyList<EventView> Events,
    long LastEvent);

/// <summary>Parties of a federation.</summary>
/// <param name="Federation">The federation.</param>
/// <param name="Parties">In the order in which they were invited.</param>
/// <param name="Run">The run shown; null for none.</param>
/// <param name="InRun">What each has done for it, in the same order; empty without a run.</param>
public sealed record PartiesModel(string Federation, IReadOnlyList<PartyView> Parties, string? Run, IReadOnlyList<RunPartyView> InRun);

/// <summary>A party that was just invited.</summary>
/// <param name="Invitation">Its code.</param>
/// <param name="Items">Items in the federation's catalogue.</param>
public sealed record InvitedModel(InvitationView Invitation, int Items);

/// <summary>The form of the recommendations and its answer.</summary>
/// <param name="Federation">The federation.</param>
/// <param name="Run">The run that the address named, if any.</param>
/// <param name="User">The user asked for, as typed.</param>
/// <param name="Count">How many, as typed.</param>
/// <param name="Version">Version asked, as typed.</param>
/// <param name="Users">Users to choose from.</param>
/// <param name="Answer">The list; null when none was asked for or none was found.</param>
/// <param name="Problem">Why there is no list.</param>
public sealed record RecommendationModel(
    string Federation,
    string? Run,
    string User,
    string Count,
    string Version,
    IReadOnlyList<string> Users,
    RecommendationsView? Answer,
    string? Problem);

/// <summary>What the address of the page says it is about; everything can be left out.</summary>
/// <param name="Federation">Federation; the most recently active one when left out.</param>
/// <param name="Run">Run; the active or newest one when left out.</param>
/// <param name="User">User to recommend for.</param>
/// <param name="K">How many recommendations, as typed.</param>
/// <param name="Version">Model version to ask, as typed; 0 for the one in use.</param>
public sealed record OverviewAddress(
    [FromQuery] string? Federation,
    [FromQuery] string? Run,
    [FromQuery] string? User,
    [FromQuery] string? K,
    [FromQuery] string? Version);

/// <summary>Addresses that the page's elements and scripts use.</summary>
/// <remarks>Each begins with the place at which the host has the pages; every part of a page is told it as <c>At</c>.</remarks>
internal static class Links
{
    public static string Fragment(string at, string name, string federation, string? run = null) => $"{at}/fragments/{name}{Query(federation, run)}";

    public static string Run(string at, RunScope run, string what = "") => $"{at}/api/v1/runs/{Uri.EscapeDataString(run.Run)}{what}{Query(run.Federation)}";

    public static string Model(string at, string federation, string what) => $"{at}/api/v1/models/{what}{Query(federation)}";

    public static string Party(string at, string federation, string party, string what) => $"{at}/api/v1/federations/{Uri.EscapeDataString(federation)}/parties/{Uri.EscapeDataString(party)}/{what}";

    public static string Action(string at, string federation, string what) => $"{at}/{what}{Query(federation)}";

    private static string Query(string federation, string? run = null) =>
        $"?federation={Uri.EscapeDataString(federation)}" + (run is null ? "" : $"&run={Uri.EscapeDataString(run)}");
}

/// <summary>A run of a federation.</summary>
/// <param name="Federation">The federation.</param>
/// <param name="Run">The run.</param>
internal readonly record struct RunScope(string Federation, string Run);
