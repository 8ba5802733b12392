using System.CommandLine;
using System.Text;
using FedRec.Cli.Output;
using FedRec.Contracts.RemoteParties;

namespace FedRec.Cli.Commands;

/// <summary><c>party signatures</c>: whether every update of a party that a run has counted was signed by that party, for that round, model, catalogue and configuration.</summary>
internal static class PartySignaturesCommand
{
    public static Command Create(Terminal terminal)
    {
        var run = new Argument<string>("run") { Description = "The run, such as run-3." };
        var (federation, storage) = (CommonOptions.Federation(), CommonOptions.Storage());
        var command = new Command("signatures", "Checks what the parties have signed for a run: that each signature is good, and that no round has counted an update without one. Exit code 1 when something does not fit.") { run, federation, storage };
        command.Run(terminal, async (context, cancellationToken) =>
        {
            await using var session = await VerbSession.OpenAsync(context, storage, cancellationToken);
            var name = await VerbSession.FederationAsync(context, session, context.Value(federation), cancellationToken);
            var checks = new List<Checked>();
            foreach (var party in await session.Grains.GetGrain<IPartiesGrain>(name).ListAsync(cancellationToken))
            {
                if (await session.Grains.GetGrain<IPartyGrain>($"{name}/{party.Id}").GetSignaturesAsync(context.Value(run), cancellationToken) is { } signatures)
                {
                    checks.Add(Check(name, party, context.Value(run), signatures));
                }
            }

            checks.RemoveAll(check => check is { Counted: 0, Updates.Length: 0 });
            if (checks.Count == 0)
            {
                throw new CliException(ExitCode.Failed, $"No party of '{name}' has signed anything for '{context.Value(run)}'.", "'fedrec run list' lists the runs; clients that are simulated or hosted here sign nothing.");
            }

            var wrong = checks.Count(check => !check.Holds);
            var table = new ResultTable($"{context.Value(run)} of {name}: {(wrong == 0 ? "every update that was counted is signed" : $"{Text.Count(wrong)} of {Text.Count(checks.Count)} parties do not fit")}", "", "party", ">rounds counted", ">of these signed", ">signatures that are not good", "keys");
            foreach (var check in checks)
            {
                table.Add(check.Holds ? "✓" : "✗", check.Party, Text.Count(check.Counted), Text.Count(check.Signed), Text.Count(check.NotGood), string.Join(' ', check.Fingerprints));
            }

            if (checks.Any(check => check.Signed < check.Counted))
            {
                table.Notes.Add("Rounds are counted whose signatures are not kept: a release before this one has counted them, or the store was changed by somebody else.");
            }

            context.Write(new { federation = name, run = context.Value(run), fits = wrong == 0, parties = checks }, table);
            return wrong == 0 ? ExitCode.Ok : ExitCode.Failed;
        });
        return command.WithExamples("fedrec party signatures run-3 --federation shops", "fedrec party signatures run-3 --federation shops --format json     with statements, signatures and keys, to be checked elsewhere");
    }

    /// <summary>Checks what one party has signed for a run.</summary>
    internal static Checked Check(string federation, PartyRecord party, string run, PartySignatures signatures)
    {
        var updates = signatures.Updates.Select(update =>
        {
            var statement = PartyStatements.OfUpdate(federation, signatures.Server, party.Id, update);
            return new CheckedUpdate(update.Update.Round, update.Update.Attempt, update.IsCounted, PartyKeys.IsSigned(update.PublicKey.Span, statement, update.Signature.Span),
                Encoding.UTF8.GetString(statement), update.PublicKey.ToArray(), update.Signature.ToArray(), update.At);
        }).ToArray();
        return new Checked(party.Name, party.Runs.FirstOrDefault(one => one.Run == run)?.Counted ?? 0,
            updates.Where(update => update is { IsGood: true }).Select(update => update.Round).Distinct().Count(), updates.Count(update => !update.IsGood),
            [.. updates.Select(update => PartyFingerprint.Of(update.PublicKey)).Distinct()], updates);
    }

    /// <summary>What was found of one party. Where it is not known whether an update was counted, more may be signed than are.</summary>
    internal sealed record Checked(string Party, int Counted, int Signed, int NotGood, string[] Fingerprints, CheckedUpdate[] Updates)
    {
        /// <summary>Whether every signature is good, and every round that has counted the party has one.</summary>
        public bool Holds => NotGood == 0 && Signed >= Counted;
    }

    internal sealed record CheckedUpdate(int Round, int Attempt, bool IsCounted, bool IsGood, string Statement, byte[] PublicKey, byte[] Signature, DateTimeOffset At);
}
