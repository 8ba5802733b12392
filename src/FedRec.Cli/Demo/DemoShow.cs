using FedRec.Cli.Commands;
using FedRec.Cli.Hosting;
using FedRec.Cli.Output;
using FedRec.Cli.Simulation;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Models;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;

namespace FedRec.Cli.Demo;

/// <summary>The demonstration: train or find the model, compare it, explain three recommendations, serve.</summary>
internal static class DemoShow
{
    private const int Shown = 3;
    private static readonly int[] s_cutoffs = [5, 10, 20];

    public static async Task RunAsync(CommandContext context, SessionPlan plan, bool once, CancellationToken cancellationToken)
    {
        await using var session = await FedRecSession.OpenAsync(context, plan, cancellationToken);
        context.Say($"FedRec {(session.OwnsSilo ? "is starting" : "runs already in another process")}; watch it live at {session.Web}fedrec");
        var status = await TrainAsync(context, session, cancellationToken);
        var report = await ReportAsync(context, session, status, cancellationToken);
        context.Write(report, Tables(report));
        if (!once && session.OwnsSilo)
        {
            context.Say("Ctrl-C ends it.");
            await ServeAsync(context, session, cancellationToken);
        }
    }

    private static async Task ServeAsync(CommandContext context, FedRecSession session, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            await ActiveRuns.StopAsync(context, session.Grains); // others may have started runs on this silo
        }
    }

    private static async Task<RunStatus> TrainAsync(CommandContext context, FedRecSession session, CancellationToken cancellationToken)
    {
        var request = DemoRequest.Create();
        if (await DemoRequest.FindCompletedAsync(session.Grains, request, cancellationToken) is { } completed)
        {
            context.Say($"Model version {completed.Version} of an earlier start is in the store: it is served, nothing is trained again.");
            return completed;
        }

        return await new RunFollower(session.Grains).TrainAsync(context, session.OwnsSilo, "demo", request, cancellationToken);
    }

    private static async Task<DemoReport> ReportAsync(CommandContext context, FedRecSession session, RunStatus status, CancellationToken cancellationToken)
    {
        var manifest = await VerbSession.ManifestAsync(session.Grains.GetGrain<IModelGrain>(DemoRequest.Federation), status.Version, cancellationToken);
        var evaluation = session.Grains.GetGrain<IEvaluationGrain>(DemoRequest.Federation);
        var test = await evaluation.EvaluateAsync(status.Version, [.. s_cutoffs], cancellationToken)
            ?? throw new CliException(ExitCode.Failed, $"Model version {status.Version} is gone.", "Run the demo again; it trains a new one.");
        var baselines = await Baselines.EvaluateAsync(evaluation, status.RunId, Baselines.All, s_cutoffs, context.Say, cancellationToken);
        return new DemoReport
        {
            Data = new DataReport("synthetic", status.Users, status.Items, status.Interactions, status.Clients, status.Interactions / ((double)status.Users * status.Items)),
            Protocol = status.Protocol,
            Evaluations = [test, .. baselines],
            Recommendations = await RecommendAsync(session.Grains, cancellationToken),
            Model = new ModelReport(manifest.Version, manifest.Sha256),
            Rounds = manifest.Round, // with patience the best, which others may have followed
            TrainSeconds = status.TrainSeconds,
            Urls = Urls(session.Web),
        };
    }

    private static async Task<IReadOnlyList<DemoRecommendation>> RecommendAsync(IGrainFactory grains, CancellationToken cancellationToken)
    {
        var recommender = grains.GetGrain<IRecommenderGrain>(DemoRequest.Federation);
        var shown = new List<DemoRecommendation>();
        foreach (var user in await recommender.FindUsersAsync("", Shown, cancellationToken))
        {
            var answer = await recommender.RecommendAsync(new RecommendationQuery(user, 1, Explain: true, 0), cancellationToken);
            shown.AddRange(answer.Items.Select(item => new DemoRecommendation(user, item.Item, item.Title, RecommendationTable.Sentence(user, item))));
        }

        return shown;
    }

    private static SortedDictionary<string, string> Urls(Uri? web) => web is null ? [] : new(StringComparer.Ordinal)
    {
        ["page"] = $"{web}fedrec",
        ["api"] = $"{web}api/v1/federations",
        ["openapi"] = $"{web}openapi/v1.json",
    };

    private static ResultTable Tables(DemoReport report)
    {
        var data = report.Data;
        var table = EvaluationTable.Of(
            $"Built-in data: {Text.Count(data.Users)} users, {Text.Count(data.Items)} items, {Text.Count(data.Interactions)} interactions; each user is a client", report.Protocol, report.Evaluations);
        table.Notes.Add($"Model: version {report.Model.Version} after {report.Rounds} rounds, trained in {Text.Seconds(report.TrainSeconds)}, SHA-256 {report.Model.Sha256}");
        table.Notes.Add("");
        foreach (var recommendation in report.Recommendations)
        {
            table.Notes.Add(recommendation.Why);
        }

        table.Notes.Add("");
        foreach (var (name, url) in report.Urls)
        {
            table.Notes.Add($"  {name,-8} {url}");
        }

        return table;
    }
}
