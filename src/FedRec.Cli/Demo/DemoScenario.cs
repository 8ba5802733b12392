using System.Collections.Immutable;
using FedRec.Cli.Commands;
using FedRec.Cli.Output;
using FedRec.Cli.Simulation;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Models;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;
using FedRec.Core.Data;
using FedRec.Grains.Requests;
using FedRec.Scenarios;

namespace FedRec.Cli.Demo;

/// <summary>One field that the demonstration can be about.</summary>
/// <param name="Name">As <c>--scenario</c> names it.</param>
/// <param name="Learner">What is trained, unless real data has too many items for it.</param>
/// <param name="Options">The learner's options; those of clinic and bank were chosen on validation interactions of the real data. That of movies is
/// the learner and λ that did best on validation interactions of the built-in data and of MovieLens 100K together: NDCG@10 .158 and .088; item-kNN .149 and .064;
/// mf, three seeds, .139 and .074 as the demo had it before, and .154 and .063 with a lower server learning rate, which suits the built-in data only.</param>
/// <param name="Sentence">A recommendation in words that a person of the field would use.</param>
internal sealed record DemoScenario(string Name, string Learner, ImmutableSortedDictionary<string, string> Options, Func<string, RecommendedItem, string> Sentence)
{
    private static readonly ImmutableSortedDictionary<string, string> s_none = ImmutableSortedDictionary<string, string>.Empty;

    private static readonly ImmutableArray<DemoScenario> s_all =
    [
        new(Scenario.Usual, "ease", s_none.Add("lambda", "100"), RecommendationTable.Sentence),
        new("shop", "mf", s_none, (person, item) => $"To {person}, show “{item.Title}”: it goes with {Own(item, "what everybody looks at")}."),
        new("clinic", "ease", s_none.Add("lambda", "20").Add("item-dropout", "0.5"), (patient, item) =>
            $"For {patient}, consider the {item.Tags.FirstOrDefault("item")} “{item.Title}”: patients with {Own(item, "any diagnosis")} often have it. To be judged by a physician."),
        new("bank", "ease", s_none.Add("lambda", "20").Add("item-dropout", "0.75"), (customer, item) =>
            $"To {customer}, offer “{item.Title}”: customers with {Own(item, "any product")} often hold it. Eligible: {item.Condition ?? "no rule restricts this product"}."),
        new("news", "mf", s_none, (reader, item) => $"For {reader}, put “{item.Title}” on the front page: it is live now, and readers of {Own(item, "this paper")} read it too."),
    ];

    /// <summary>Whether the data comes from organisations, each of which could train alone.</summary>
    public bool HasParties => Name != Scenario.Usual;

    /// <summary>Whether every recommendation leaves a line for an auditor.</summary>
    public bool IsAudited => HasParties && Scenario.Find(Name, MadeUpData.All).IsAudited;

    /// <summary>What must stand above every result; null for nothing.</summary>
    public string? Banner => ScenarioNotice.Of(Name) is { } notice ? $"{notice} Drugs and procedures of fewer than {ClinicScenario.MinimumCohort} patients are not shown." : null;

    /// <summary>Looks a scenario up by a name that is known to be one.</summary>
    public static DemoScenario Find(string name) => s_all.First(scenario => scenario.Name == name);

    /// <summary>Where the silos find the parties' data.</summary>
    /// <param name="path">Real data, or null for what is built in.</param>
    /// <param name="reading">What real data does not tell of itself; null for nothing.</param>
    public DataSpec Data(string? path, ReadingSpec? reading) => new() { Path = path, Reading = reading, Scenario = RunRequests.ScenarioOf(Name) };

    private static string Own(RecommendedItem item, string otherwise)
    {
        var titles = item.Reasons.Where(reason => reason.Part > 0).Take(3).Select(reason => $"“{reason.Title}”").ToList();
        return titles.Count switch { 0 => otherwise, 1 => titles[0], _ => $"{string.Join(", ", titles.SkipLast(1))} and {titles[^1]}" };
    }
}

/// <summary>The run of the demonstration, and whether the store has it already.</summary>
internal static class DemoRequest
{
    private const int MostItems = 5_000; // of ease, which solves for half a minute with 4,000 items and for many with 20,000: then mf

    /// <summary>The run of a scenario, in which all clients take part.</summary>
    /// <param name="scenario">The field.</param>
    /// <param name="path">Real data, or null for what is built in.</param>
    /// <param name="reading">What real data does not tell of itself; null for nothing.</param>
    /// <exception cref="Core.Data.DatasetException">The real data cannot be read.</exception>
    public static PlannedRun Create(DemoScenario scenario, string? path, ReadingSpec? reading = null)
    {
        var (data, request) = (scenario.Data(path, reading), Create(scenario));
        var isLarge = path is not null && !scenario.HasParties && RunRequests.Parts.Open(RequestChecks.DataOf(data)).Items.Count > MostItems;
        return new(data, isLarge ? request with { Learner = "mf", LearnerOptions = request.LearnerOptions.Clear() } : request);
    }

    private static RunRequest Create(DemoScenario scenario) => new()
    {
        Federation = scenario.HasParties ? $"demo-{scenario.Name}" : "demo",
        Learner = scenario.Learner,
        LearnerOptions = scenario.Options,
        Rounds = new RoundSettings { PublishEvery = 0 },
        EvaluateEvery = 10,
    };

    /// <summary>The newest completed run of the same request whose model is still kept, whatever was trained after it; null when there is none.</summary>
    public static async Task<RunStatus?> FindCompletedAsync(IGrainFactory grains, PlannedRun run, CancellationToken cancellationToken)
    {
        var request = run.Request;
        var runs = (await grains.GetGrain<IFederationGrain>(request.Federation).GetSummaryAsync(cancellationToken)).Runs;
        foreach (var runId in runs.Reverse())
        {
            if (await grains.GetGrain<IRunGrain>($"{request.Federation}/{runId}").GetStatusAsync(cancellationToken) is { Phase: RunPhase.Completed } status
                && RequestChecks.IsSame(status, request, run.Data!, RunRequests.Parts)
                && await grains.GetGrain<IModelGrain>(request.Federation).GetManifestAsync(status.Version, cancellationToken) is not null)
            {
                return status;
            }
        }

        return null;
    }
}
