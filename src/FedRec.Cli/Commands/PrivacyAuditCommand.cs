using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using FedRec.Cli.Audits;
using FedRec.Cli.Output;
using FedRec.Cli.Simulation;
using FedRec.Core.Audits;
using FedRec.Core.Federation;
using FedRec.Core.Learners;
using FedRec.Core.Privacy.Accounting;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Grains.Requests;

namespace FedRec.Cli.Commands;

/// <summary><c>privacy audit</c>: attacks a federation that it trains itself, and says what that tells of the clients.</summary>
internal sealed class PrivacyAuditCommand
{
    private const string LocalObjective = "logistic"; // of mf, which private runs train by, and canaries need
    private readonly RunOptions _run = new();
    private readonly LearnerArguments _learner = new();
    private readonly Option<string> _probes = TypedOptions.Words("--probes", "Some of the probes. Default: all.", AuditRunner.All);
    private readonly Option<int> _users = TypedOptions.Number("--users", "Users that are looked for at most, drawn anew for each seed.", 1_000, AuditRunner.LeastUsers);
    private readonly Option<int> _canaries = TypedOptions.Number("--canaries", "Clients that join to be found again, each or not by a coin: the more, the higher an ε can be shown.", 200, 10, 100_000);
    private readonly Option<double> _confidence = TypedOptions.Share("--confidence", "Chance at least that the bound on ε is true.", 0.95, oneAllowed: false);
    private readonly Option<int> _seeds = TypedOptions.Number("--seeds", "Audits with the seeds S, S+1, …; numbers are their means.", 3, 1, 1_000);
    private readonly Option<string> _aggregator = TypedOptions.Word("--aggregator", "Whether updates are masked (secure-mean) in the runs that are meant; both are shown for item sets.", "mean", "mean", SecureMean.UsualName);
    private readonly Option<string?> _out = TypedOptions.Text("--out", "Folder of the page and the report; it must be new or empty. Default: runs/audit-TIME.", "DIR");

    private PrivacyAuditCommand()
    {
    }

    public static Command Create(Terminal terminal)
    {
        var own = new PrivacyAuditCommand();
        var command = new Command("audit", "Attacks a federation that it trains itself: item sets from updates, membership from models and lists, attributes, an ε that canaries show, tampered item vectors. Leaves a page with pictures.");
        command.WithOptions(OptionGroup.BeginWith(
            [own._run.Data, own._learner.Learner, own._probes, own._seeds, own._out],
            [
                .. own._run.Groups.Where(group => group.Title == "Data").Select(group => group with { Options = [.. group.Options.Except([own._run.Schema, own._run.ContextData])] }),
                own._run.Reading.Group, new("Rounds", [own._run.Rounds, own._run.Cohort, own._run.Seed, own._run.ClipNorm, own._aggregator]), new("Privacy", [own._run.Epsilon, own._run.Delta, own._run.NoiseMultiplier]),
                new("Audit", [own._probes, own._users, own._canaries, own._confidence, own._seeds, own._out]),
            ]));
        own._learner.AddTo(command);
        command.WithExamples(
            "fedrec privacy audit                                           the built-in synthetic catalogue",
            "fedrec privacy audit --data ml-100k --rounds 30 --aggregator secure-mean",
            "fedrec privacy audit --data ml-100k --rounds 30 --clip-norm 0.5 --epsilon 4 --probes membership,canaries",
            "fedrec privacy audit --data ratings.csv --learner ease --probes item-sets,membership --format json");
        command.Run(terminal, own.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var (name, given) = _learner.Read(context);
        var options = name == "mf" && !given.ContainsKey("objective") ? given.Add("objective", LocalObjective) : given;
        var planned = RunRequests.Build(context, _run, (name, options), "audit", context.Value(_run.Seed));
        var folder = RunFolder.Create(context.FullPath(context.Value(_out) ?? Path.Combine("runs", string.Create(CultureInfo.InvariantCulture, $"audit-{DateTimeOffset.UtcNow:yyyyMMdd-HHmmss}"))));
        try
        {
            var report = await CommandContext.ReadAsync(() => Audit(context, name, options, planned, folder.Place, cancellationToken), cancellationToken);
            folder.WriteText(AuditPage.FileName, AuditPage.Of(report));
            folder.WriteText("audit.json", Json.Indented(report));
            folder.Complete();
            context.Write(report, AuditTables.Of(report));
            return ExitCode.Ok;
        }
        catch
        {
            folder.GiveUp(context.Say);
            throw;
        }
    }

    private AuditReport Audit(CommandContext context, string name, ImmutableSortedDictionary<string, string> options, PlannedRun planned, string folder, CancellationToken cancellationToken)
    {
        var (request, data) = (planned.Request, RunRequests.Parts.Open(RequestChecks.DataOf(planned.Data!, planned.HoldsOut)));
        var recommended = LearnerRegistry.Find(name).Recommended(options);
        var optimizer = recommended.ServerOptimizer.Create();
        var clip = request.Rounds.ClipNorm > 0 || request.Privacy is null ? request.Rounds.ClipNorm : recommended.ClipNorm;
        var run = new AuditedRun(LearnerRegistry.Create(name, options, FederationShape.Of(data, data.Users.Count)), _ => optimizer, ClientWeighting.Parse(recommended.Weighting, 0), request.Rounds.Count)
        {
            Cohort = request.Rounds.CohortSize,
            ClipNorm = clip,
            Budget = request.Privacy is { } privacy ? new PrivacyBudget(privacy.Epsilon, privacy.Delta) : null,
            NoiseMultiplier = request.Privacy?.NoiseMultiplier ?? 0,
        };
        var subject = new AuditSubject(
            data.Name, AuditedRun.Draw(data, context.Value(_users), MembershipProbe.LeastItems, 0).Length, data.Items.Count, name, options, run.Rounds, run.Cohort, context.Value(_aggregator), clip,
            request.Privacy?.Epsilon, request.Privacy?.Delta, request.Seed, context.Value(_seeds));
        var probes = context.Value(_probes);
        return AuditRunner.Run(
            new AuditPlan(run, data, subject, probes.Length == 0 ? AuditRunner.All : probes.Split(','), context.Value(_canaries), context.Value(_confidence)), folder, context.Say, cancellationToken);
    }
}
