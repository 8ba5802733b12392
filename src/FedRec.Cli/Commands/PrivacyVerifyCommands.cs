using System.CommandLine;
using System.Text;
using System.Text.Json;
using FedRec.Cli.Output;
using FedRec.Grains.Privacy;

namespace FedRec.Cli.Commands;

/// <summary><c>privacy ledger verify</c> and <c>privacy ledger export</c>: whether a ledger fits its charges, the rounds and the versions, from the store or from a file far from it.</summary>
internal static class PrivacyVerifyCommands
{
    public static Command Verify(Terminal terminal)
    {
        var file = new Option<string?>("--file") { Description = "What 'privacy ledger export' has written, instead of a store: nothing else is needed.", HelpName = "FILE" };
        var head = new Option<string?>("--head") { Description = "An end of the chain that you have kept: it must be in the chain still.", HelpName = "HASH" };
        var (federation, storage) = (CommonOptions.Federation(), CommonOptions.Storage());
        var command = new Command("verify", "Works out anew every end of the ledger's chain, every count and every ε, from the charges, the rounds of the runs and the versions. Exit code 1 when something does not fit.") { file, head, federation, storage };
        command.WithExamples("fedrec privacy ledger verify --federation club", "fedrec privacy ledger verify --file ledger.json --head 3f2a…");
        command.Validators.Add(result =>
        {
            if (result.GetValue(file) is not null && (result.GetValue(federation) is not null || result.GetValue(storage) is not null))
            {
                result.AddError("'--file' says all there is of a ledger: it goes without '--federation' and '--storage'.");
            }
        });
        command.Run(terminal, async (context, cancellationToken) =>
        {
            var evidence = context.Value(file) is { } path ? Read(context.FullPath(path)) : await CollectAsync(context, federation, storage, cancellationToken);
            var findings = await Task.Run(() => LedgerCheck.Of(evidence, context.Value(head)), cancellationToken);
            var wrong = findings.Count(finding => !finding.Holds);
            var table = new ResultTable($"{evidence.Federation}: {(wrong == 0 ? "all of it fits" : $"{Text.Count(wrong)} of {Text.Count(findings.Length)} do not fit")}", "", "what", "found");
            foreach (var finding in findings)
            {
                table.Add(finding.Holds ? "✓" : "✗", finding.What, finding.Text);
            }

            table.Notes.Add(wrong > 0 ? "Do not rely on what was promised before it is known why: 'export' keeps what is there now."
                : evidence.Head.Length == 0 ? "No private run has released anything."
                : $"Head {evidence.Head}: keep it where the operator cannot write, and give it to --head next time.");
            context.Write(new { evidence.Federation, evidence.Head, fits = wrong == 0, findings }, table);
            return wrong == 0 ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    public static Command Export(Terminal terminal)
    {
        var place = new Argument<string>("file") { Description = "A new file." };
        var (federation, storage) = (CommonOptions.Federation(), CommonOptions.Storage());
        var command = new Command("export", "Writes the ledger with all charges, the rounds of the private runs and what their versions say into a file, for 'verify' on another machine. Nothing in it is of what clients have. No file is overwritten.") { place, federation, storage };
        command.WithExamples("fedrec privacy ledger export ledger.json --federation club");
        command.Run(terminal, async (context, cancellationToken) =>
        {
            var path = context.FullPath(context.Value(place));
            if (Path.Exists(path))
            {
                throw new CliException(ExitCode.Failed, $"{path} is there already.", "Give a new file; FedRec overwrites nothing.");
            }

            var evidence = await CollectAsync(context, federation, storage, cancellationToken);
            await using (var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write))
            {
                await stream.WriteAsync(Encoding.UTF8.GetBytes(Json.Indented(evidence) + "\n"), cancellationToken);
            }

            context.Write(
                new { evidence.Federation, file = path, charges = evidence.Charges.Length, evidence.Head },
                new ResultTable($"{evidence.Federation}: ledger", "file", ">charges", "head").Add(path, Text.Count(evidence.Charges.Length), evidence.Head));
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task<LedgerEvidence> CollectAsync(CommandContext context, Option<string?> federation, Option<string?> storage, CancellationToken cancellationToken)
    {
        await using var session = await VerbSession.OpenAsync(context, storage, cancellationToken);
        var name = await VerbSession.FederationAsync(context, session, context.Value(federation), cancellationToken);
        var runs = (await session.Models.ListFederationsAsync(cancellationToken)).Single(summary => summary.Name == name).Runs;
        return await LedgerEvidence.CollectAsync(session.Grains, name, runs, cancellationToken);
    }

    private static LedgerEvidence Read(string path)
    {
        const string Next = "Give a file that 'fedrec privacy ledger export' has written.";
        try
        {
            var evidence = Json.Read<LedgerEvidence>(File.ReadAllText(path)) ?? throw new JsonException("it is null");
            return evidence.Format != LedgerEvidence.FormatName ? throw new CliException(ExitCode.Failed, $"{path} has the format '{evidence.Format}', and this release reads {LedgerEvidence.FormatName}.", Next)
                : evidence.Wrong() is { } wrong ? throw new CliException(ExitCode.Failed, $"{path} is no exported ledger: {wrong}.", Next)
                : evidence;
        }
        catch (JsonException exception)
        {
            throw new CliException(ExitCode.Failed, $"{path} is no exported ledger: {exception.Message.Split('\n')[0]}", Next, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Failed, $"{path} cannot be read: {exception.Message}", Next, exception);
        }
    }
}
