using System.CommandLine;
using FedRec.Cli.Output;
using FedRec.Cli.Simulation;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Federations;

namespace FedRec.Cli.Commands;

/// <summary><c>train</c>: trains a federation on what its clients keep, or on what it simulates.</summary>
internal static class TrainCommand
{
    public static Command Create(Terminal terminal)
    {
        var (options, learner, cutoffs, storage) = (new RunOptions(), new LearnerArguments(), Baselines.Cutoffs(), CommonOptions.Storage());
        var federation = new Option<string>("--federation") { Description = "Federation that was filled by 'fedrec import' or POST /api/v1/interactions, or one that simulates the data of its last run.", HelpName = "NAME", Required = true };
        var command = new Command("train", "Trains with clients that keep their data themselves, or with those that the federation simulates, and has each of them measure the model on what it has held out.");
        command.WithOptions(OptionGroup.BeginWith(
            [federation, learner.Learner, options.Rounds, options.Seed], [.. options.HostedGroups, new("Output", [cutoffs, storage])]));
        learner.AddTo(command);
        command.WithExamples(
            "fedrec import orders.csv --federation shop", "fedrec train --federation shop --learner ease", "fedrec train --federation shop --learner mf --patience 4");
        command.Run(terminal, async (context, cancellationToken) =>
        {
            var run = RunRequests.Build(context, options, learner.Read(context), context.Value(federation), context.Value(options.Seed), hosted: true);
            var request = run.Request;
            await using var session = await VerbSession.OpenAsync(context, storage, cancellationToken, trainsLong: true);
            if (await session.Grains.GetGrain<IFederationGrain>(request.Federation).GetSummaryAsync(cancellationToken) is { Hosted: null, Simulates: null, Runs.IsEmpty: true })
            {
                throw new CliException(ExitCode.Failed, $"Federation '{request.Federation}' has no interactions yet.",
                    $"Give it some with 'fedrec import PATH --federation {request.Federation}', or simulate one with 'fedrec simulate --data PATH --federation {request.Federation}'.");
            }

            var status = await new RunFollower(session.Grains).TrainAsync(context, session.OwnsSilo, request.Learner, run, cancellationToken);
            var manifest = await VerbSession.ManifestAsync(session.Models, request.Federation, status.Version, cancellationToken);
            var quality = await session.Grains.GetGrain<IEvaluationGrain>(request.Federation).EvaluateAsync(manifest.Version, [.. context.Value(cutoffs)], cancellationToken)
                ?? throw new CliException(ExitCode.Failed, $"Model version {manifest.Version} is gone before it was evaluated.", null);
            var table = EvaluationTable.Of($"{request.Federation}, model version {manifest.Version}, {Text.Count(quality.Users)} users", status.Protocol, [quality]);
            table.Notes.Add($"Training: {status.RoundsDone} {(status.RoundsDone == 1 ? "round" : "rounds")} with {Text.Count(status.Clients)} clients and {(status.Source.Hosted is null ? "" : "at least ")}{Text.Count(status.Interactions)} interactions; version {manifest.Version}, SHA-256 {manifest.Sha256}");
            context.Write(
                new { federation = request.Federation, status.RunId, manifest.Version, manifest.Sha256, status.Clients, status.Items, status.Interactions, protocol = status.Protocol, quality.Users, quality.Metrics }, table);
            return ExitCode.Ok;
        });
        return command;
    }
}
