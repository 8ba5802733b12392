using System.CommandLine;
using FedRec.Cli.Demo;
using FedRec.Cli.Hosting;
using FedRec.Cli.Simulation;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;
using FedRec.Core.Data;
using FedRec.Hosting;

namespace FedRec.Cli.Commands;

/// <summary><c>demo</c>: the main job end to end on built-in data, with the web front end.</summary>
internal static class DemoCommand
{
    public static Command Create(Terminal terminal)
    {
        var once = new Option<bool>("--once") { Description = "Ends after the results are printed; otherwise stays up until Ctrl-C." };
        var (port, insecure) = (CommonOptions.WebPort(), CommonOptions.InsecureNoAuth());
        var (storage, scenario) = (CommonOptions.Storage(), CommonOptions.Scenario());
        var data = TypedOptions.Text("--data", "Real data in place of what is built in; for clinic the folder of MIMIC-III tables, for bank ticdata2000.txt of CoIL 2000.", "PATH");
        var reading = new ReadingArguments();
        var command = new Command("demo", "Starts storage, a silo and the web page, trains on the built-in data, and shows quality and explained recommendations.");
        command.WithOptions(OptionGroup.BeginWith([once, scenario, data, port, storage], reading.Group, new OptionGroup("Web page", [insecure])));
        command.WithExamples("fedrec demo", "fedrec demo --once --storage memory", "fedrec demo --scenario clinic --once", "fedrec demo --scenario bank --data coil2000-insurance", "fedrec demo --port 8080");
        command.Run(terminal, async (context, cancellationToken) =>
        {
            WebFrontEnd.RequireLoopback(context, context.Value(insecure));
            var plan = VerbSession.Plan(context, context.Value(storage)) with { WebPort = WebFrontEnd.Port(context, port), TrainsLong = true, Stays = true };
            var path = context.Value(data) is { } given ? RunRequests.RereadablePath(context, given, "--data") : null;
            await new DemoShow(context, DemoScenario.Find(context.Value(scenario)), path, reading.ToSpec(context)).RunAsync(plan, context.Value(once), cancellationToken);
            return ExitCode.Ok;
        });
        return command;
    }
}

/// <summary>The demonstration: train or find the model, compare it, explain three recommendations, serve.</summary>
internal sealed class DemoShow(CommandContext context, DemoScenario scenario, string? path, ReadingSpec? reading)
{
    private const int Shown = 3;
    private static readonly int[] s_cutoffs = [5, 10, 20];
    private readonly PlannedRun _run = DemoRequest.Create(scenario, path, reading);

    private string Federation => _run.Request.Federation;

    private DataSpec Data => _run.Data!;

    public async Task RunAsync(SessionPlan plan, bool once, CancellationToken cancellationToken)
    {
        await using var session = await FedRecSession.OpenAsync(context, plan, cancellationToken);
        context.Say($"FedRec {(session.OwnsSilo ? "is starting" : "runs already in another process")}; watch it live at {session.Web}fedrec");
        if (scenario.Banner is { } banner)
        {
            context.Say(banner);
        }

        var status = await TrainAsync(session, cancellationToken);
        var report = await ReportAsync(session, status, once && session.OwnsSilo ? null : session.Web, cancellationToken); // --once closes the page
        context.Write(report, DemoTables.Of(report));
        if (!once && session.OwnsSilo)
        {
            context.Say("Ctrl-C ends it.");
            await ServeAsync(session, cancellationToken);
        }
    }

    private async Task ServeAsync(FedRecSession session, CancellationToken cancellationToken)
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

    private async Task<RunStatus> TrainAsync(FedRecSession session, CancellationToken cancellationToken)
    {
        if (await DemoRequest.FindCompletedAsync(session.Grains, _run, cancellationToken) is { } completed)
        {
            context.Say($"Model version {completed.Version} of an earlier start is in the store: it is served, nothing is trained again.");
            return completed;
        }

        return await new RunFollower(session.Grains).TrainAsync(context, session.OwnsSilo, "demo", _run, cancellationToken);
    }

    private async Task<DemoReport> ReportAsync(FedRecSession session, RunStatus status, Uri? web, CancellationToken cancellationToken)
    {
        var manifest = await VerbSession.ManifestAsync(session.Models, Federation, status.Version, cancellationToken);
        var evaluation = session.Grains.GetGrain<IEvaluationGrain>(Federation);
        var test = await evaluation.EvaluateAsync(status.Version, [.. s_cutoffs], cancellationToken)
            ?? throw new CliException(ExitCode.Failed, $"Model version {status.Version} is gone.", "Run the demo again; it trains a new one.");
        IReadOnlyList<string> rivals = scenario.HasParties ? ["popularity", .. Baselines.OfParties] : Baselines.All;
        var baselines = await Baselines.EvaluateAsync(evaluation, status.RunId, rivals, s_cutoffs, context.Say, cancellationToken);
        var shown = await RecommendAsync(session.Grains, status.Version, cancellationToken);
        return new DemoReport
        {
            Scenario = scenario.Name,
            Banner = scenario.Banner,
            Data = new DataReport(DataName.Of(Data), status.Users, status.Items, status.Interactions, status.Clients, status.Interactions / ((double)status.Users * status.Items)),
            Protocol = status.Protocol,
            Evaluations = [test, .. baselines],
            Comparisons = scenario.HasParties ? await DemoComparisons.MakeAsync(evaluation, status.Version, PartyNames(), cancellationToken) : [],
            AuditFile = scenario.IsAudited ? AuditFiles.PathOf(context.DataFolder, Federation) : null,
            Recommendations = [.. shown.Select(one => new DemoRecommendation(one.User, one.Item.Item, one.Item.Title, scenario.Sentence(one.User, one.Item)))],
            Model = new ModelReport(manifest.Version, manifest.Sha256),
            Rounds = manifest.Round, // with patience the best, which others may have followed
            TrainSeconds = status.TrainSeconds,
            Urls = web is null ? [] : WebFrontEnd.Addresses(web),
        };
    }

    private IReadOnlyList<string> PartyNames() =>
        RunRequests.Parts.Open(new DatasetOptions { Path = Data.Path, Scenario = Data.Scenario }).Parties?.Names ?? [];

    private async Task<IReadOnlyList<(string User, RecommendedItem Item)>> RecommendAsync(IGrainFactory grains, long version, CancellationToken cancellationToken)
    {
        var recommender = grains.GetGrain<IRecommenderGrain>(Federation);
        var shown = new List<(string, RecommendedItem)>();
        foreach (var user in await recommender.FindUsersAsync("", Shown, cancellationToken))
        {
            var query = new RecommendationQuery(user, 1, Explain: true, version);
            var answer = await recommender.RecommendAsync(query, cancellationToken);
            if (!answer.HasList())
            {
                throw await NoRecommendation.OfAsync(recommender, Federation, query, answer, cancellationToken);
            }

            shown.AddRange(answer.Items.Select(item => (user, item)));
        }

        return shown;
    }
}
