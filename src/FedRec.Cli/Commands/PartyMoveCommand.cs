using System.CommandLine;
using FedRec.Cli.Hosting;
using FedRec.Cli.Output;
using FedRec.Cli.Parties;
using FedRec.Contracts.RemoteParties;

namespace FedRec.Cli.Commands;

/// <summary><c>party move</c>: tells the parties of a federation that the coordinator is at another address now.</summary>
internal static class PartyMoveCommand
{
    public static Command Create(Terminal terminal)
    {
        var url = new Argument<string>("url") { Description = "Where the coordinator is now." };
        var pin = TypedOptions.Text("--pin", "SHA-256 of the public key of the certificate there, in hexadecimal; none for one that everybody trusts. Default: as codes of invitations name it now.", "HEX|none");
        var (federation, storage) = (CommonOptions.Federation(), CommonOptions.Storage());
        var command = new Command("move", "Tells all parties that the coordinator is at another address, in words that it signs: each hears of it with its next answer and follows. For those that the old address does not reach any more, hand them the notice.") { url };
        command.WithOptions([new("Address", [pin]), new("Federation", [federation, storage])]);
        command.Run(terminal, async (context, cancellationToken) =>
        {
            var address = Uri.TryCreate(context.Value(url), UriKind.Absolute, out var given) ? given : throw new CliException(ExitCode.Usage, $"{context.Value(url)} is no address.", "Give it as https://HOST:PORT/.");
            PartyCodes.RequireSafe(address);
            var known = context.Value(pin) is { } hash ? PinOf(hash) : null;
            await using var session = await VerbSession.OpenAsync(context, storage, cancellationToken);
            var name = await VerbSession.FederationAsync(context, session, context.Value(federation), cancellationToken);
            var move = await session.Grains.GetGrain<IPartiesGrain>(name).MoveAsync(address.ToString(), known ?? (address.Scheme == "https" ? (session.Parties ?? PartyDoor.Address(context))?.Pin ?? "" : ""), cancellationToken)
                ?? throw new CliException(ExitCode.Failed, $"No party was invited to federation '{name}', so that there is nobody to tell.", "fedrec party invite NAME invites one.");
            var table = new ResultTable($"The coordinator of {name} has moved", "what", "value").Add("coordinator", move.Url);
            table.Notes.Add(PartyMoves.Write(move)); // a line of its own, which can be copied
            context.Write(new { federation = name, url = move.Url, pin = move.Pin, number = move.Number, notice = PartyMoves.Write(move) }, table);
            context.Say("The last line is the notice, for parties that the old address does not reach; there: fedrec party follow NOTICE");
            return ExitCode.Ok;
        });
        return command.WithExamples("fedrec party move https://fedrec.example.org/ --federation shops", "fedrec party move https://10.0.0.7:5443/ --federation shops");
    }

    private static string PinOf(string given) => given == "none" ? "" : given.Length == 64 && given.All(char.IsAsciiHexDigit) ? given.ToLowerInvariant()
        : throw new CliException(ExitCode.Usage, $"The pin is '{given}'; it must be a SHA-256 in hexadecimal, 64 digits, or none.", "Take it from a code of an invitation, or leave it out.");
}
