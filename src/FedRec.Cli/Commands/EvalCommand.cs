using System.CommandLine;
using FedRec.Cli.Output;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;

namespace FedRec.Cli.Commands;

/// <summary><c>eval</c>: the quality of a version beside the baselines, with the protocol; and the difference to another model.</summary>
internal static class EvalCommand
{
    public static Command Create(Terminal terminal)
    {
        var (version, against, cutoffs, baselines) = (VerbSession.Version(), Baselines.Against(), Baselines.Cutoffs(), Baselines.Option("none"));
        var sampled = new Option<bool>("--sampled") { Description = "Adds HR@10 and NDCG@10 among 99 sampled items, for comparison with papers that report them." };
        var shared = new Option<bool>("--shared") { Description = "Takes the version as it is shared, although its run asks for personalisation. Not with --sampled or --against." };
        var (federation, storage) = (CommonOptions.Federation(), CommonOptions.Storage());
        var command = new Command("eval", "Evaluates a model version on the held-out interactions: full-catalogue ranking, training items removed, ties averaged.");
        command.WithOptions(OptionGroup.BeginWith(
            [version, against, baselines, cutoffs, federation], new OptionGroup("Protocol", [sampled, shared]), new OptionGroup("Store", [storage])));
        command.WithExamples("fedrec eval", "fedrec eval --model 12 --against 7", "fedrec eval --against ials --k 10 --format json", "fedrec eval --model 12 --k 5,10 --baselines all");
        command.Run(terminal, async (context, cancellationToken) =>
        {
            if (context.Value(shared) && (context.Value(sampled) || context.Value(against) is not null))
            {
                throw new CliException(ExitCode.Usage, "--shared goes with neither --sampled nor --against.", "Leave one of them out.");
            }

            await using var session = await VerbSession.OpenAsync(context, storage, cancellationToken);
            var name = await VerbSession.FederationAsync(context, session, context.Value(federation), cancellationToken);
            var request = new EvalRequest(
                name,
                await VerbSession.ManifestAsync(session.Models, name, context.Value(version), cancellationToken),
                context.Value(against),
                context.Value(cutoffs),
                context.Value(baselines),
                context.Value(sampled),
                context.Value(shared));
            var answer = await request.AnswerAsync(session.Grains, context.Say, cancellationToken);
            context.Write(answer.ToJson(), answer.ToTables());
            return ExitCode.Ok;
        });
        return command;
    }
}

/// <summary>What <c>eval</c> is asked.</summary>
internal sealed record EvalRequest(string Federation, ModelManifest Manifest, ComparedWith? Against, int[] Cutoffs, string[] BaselineNames, bool Sampled, bool Shared)
{
    public async Task<EvalAnswer> AnswerAsync(IGrainFactory grains, Action<string> say, CancellationToken cancellationToken)
    {
        var evaluation = grains.GetGrain<IEvaluationGrain>(Federation);
        var model = await EvaluateAsync(evaluation, Manifest.Version, cancellationToken);
        var comparison = Against is null ? null : await evaluation.CompareAsync(Manifest.Version, Against, [.. Cutoffs], cancellationToken) ?? throw Gone(Against.Version);
        var rival = Against is { Baseline: null } ? await EvaluateAsync(evaluation, Against.Version, cancellationToken) : null;
        var names = Baselines.Known.Where(name => BaselineNames.Contains(name) || name == Against?.Baseline);
        var others = await Baselines.EvaluateAsync(evaluation, Manifest.RunId, names, Cutoffs, say, cancellationToken, Sampled);
        var status = await grains.GetGrain<IRunGrain>($"{Federation}/{Manifest.RunId}").GetStatusAsync(cancellationToken);
        return new EvalAnswer(this, status?.Protocol ?? "", model, rival, others, comparison);
    }

    private async Task<EvaluationRecord> EvaluateAsync(IEvaluationGrain evaluation, long version, CancellationToken cancellationToken) => (Shared
        ? await evaluation.EvaluateSharedAsync(version, [.. Cutoffs], cancellationToken)
        : Sampled
        ? await evaluation.EvaluateSampledAsync(version, [.. Cutoffs], cancellationToken)
        : await evaluation.EvaluateAsync(version, [.. Cutoffs], cancellationToken)) ?? throw Gone(version);

    private static CliException Gone(long version) => new(ExitCode.Failed, $"There is no model version {version}.", "fedrec model list shows the versions.");
}

/// <summary>What <c>eval</c> found.</summary>
internal sealed record EvalAnswer(
    EvalRequest Request, string Protocol, EvaluationRecord Model, EvaluationRecord? Rival, IReadOnlyList<EvaluationRecord> Others, ComparisonRecord? Comparison)
{
    private long Version => Request.Manifest.Version;

    public object ToJson() => new
    {
        federation = Request.Federation,
        version = Version,
        Request.Manifest.Sha256,
        protocol = Protocol,
        Model.Users,
        Model.Metrics,
        Model.Quantiles,
        Model.Groups,
        Model.UnknownItems,
        Model.UnknownHeldOut,
        baselines = Others.ToDictionary(o => o.Name, o => o.Metrics),
        comparison = Comparison,
    };

    public ResultTable[] ToTables()
    {
        EvaluationRecord[] others = Rival is null ? [.. Others] : [Rival with { Name = $"{Rival.Name}, version {Request.Against!.Version}" }, .. Others];
        var quality = EvaluationTable.Of($"{Request.Federation}, model version {Version}, {Text.Count(Model.Users)} users", Protocol, [Model, .. others]);
        if (Model.UnknownItems > 0)
        {
            quality.Notes.Add($"{Text.Count(Model.UnknownItems)} items came after this version, which never recommends them; {Text.Count(Model.UnknownHeldOut)} held-out interactions with them count as not found.");
        }

        return
        [
            quality,
            .. Model.Groups.IsDefaultOrEmpty ? (ResultTable[])[] : [GroupTable.Of(Model, others)],
            .. Comparison is null ? (ResultTable[])[] : [ComparisonTable.Of(Comparison)],
        ];
    }
}
