using System.CommandLine;
using FedRec.Cli.Output;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;

namespace FedRec.Cli.Commands;

/// <summary><c>eval</c>: the quality of a version beside the baselines, with the protocol.</summary>
internal static class EvalCommand
{
    public static Command Create(Terminal terminal)
    {
        var (version, cutoffs, baselines) = (VerbSession.Version(), Baselines.Cutoffs(), Baselines.Option("none"));
        var (federation, storage) = (CommonOptions.Federation(), CommonOptions.Storage());
        var command = new Command("eval", "Evaluates a model version on the held-out interactions: full-catalogue ranking, training items removed, ties averaged.")
        {
            version, cutoffs, baselines, federation, storage,
        };
        command.WithExamples("fedrec eval", "fedrec eval --model 12 --k 5,10 --baselines all", "fedrec eval --baselines popularity,ials --format json");
        command.Run(terminal, async (context, cancellationToken) =>
        {
            await using var session = await VerbSession.OpenAsync(context, storage, cancellationToken);
            var name = await VerbSession.FederationAsync(session.Grains, context.Value(federation), cancellationToken);
            var manifest = await VerbSession.ManifestAsync(session.Grains.GetGrain<IModelGrain>(name), context.Value(version), cancellationToken);
            var evaluation = session.Grains.GetGrain<IEvaluationGrain>(name);
            var model = await evaluation.EvaluateAsync(manifest.Version, [.. context.Value(cutoffs)], cancellationToken)
                ?? throw new CliException(ExitCode.Failed, $"There is no model version {manifest.Version} any more.", "fedrec model list shows the versions.");
            var others = await Baselines.EvaluateAsync(evaluation, manifest.RunId, context.Value(baselines), context.Value(cutoffs), context.Say, cancellationToken);
            var protocol = (await session.Grains.GetGrain<IRunGrain>($"{name}/{manifest.RunId}").GetStatusAsync(cancellationToken))?.Protocol ?? "";
            context.Write(
                new
                {
                    federation = name,
                    version = manifest.Version,
                    manifest.Sha256,
                    protocol,
                    model.Users,
                    model.Metrics,
                    model.Quantiles,
                    baselines = others.ToDictionary(o => o.Name, o => o.Metrics),
                },
                EvaluationTable.Of($"{name}, model version {manifest.Version}, {Text.Count(model.Users)} users", protocol, [model, .. others]));
            return ExitCode.Ok;
        });
        return command;
    }
}
