using System.CommandLine;

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
