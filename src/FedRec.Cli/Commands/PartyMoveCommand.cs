using System.CommandLine;
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
        var pin = TypedOptions.Text("--pin", "SHA-256 of the public key of the certificate there, in hexadecimal. Default: that of the certificate that FedRec has made for FedRec:Web:PartyPort where there is one, else none: the certificate is one that everybody trusts.", "HEX");
        var (federation, storage) = (CommonOptions.Federation(), CommonOptions.Storage());
        var command = new Command("move", "Tells all parties that the coordinator is at another address, in words that it signs: each hears of it with its next answer and follows. For those that the old address does not reach any more, hand them the notice.") { url };
        command.WithOptions([new("Address", [pin]), new("Federation", [federation, storage])]);
        command.Run(terminal, async (context, cancellationToken) =>
        {
            var address = Uri.TryCreate(context.Value(url), UriKind.Absolute, out var given) ? given : throw new CliException(ExitCode.Usage, $"{context.Value(url)} is no address.", "Give it as https://HOST:PORT/.");
            PartyCode.RequireSafe(address);
            var known = PartyCertificate.PinFor(context, address, context.Value(pin));
            await using var session = await VerbSession.OpenAsync(context, storage, cancellationToken);
            var name = await VerbSession.FederationAsync(context, session, context.Value(federation), cancellationToken);
            var move = await session.Grains.GetGrain<IPartiesGrain>(name).MoveAsync(address.ToString(), known, cancellationToken)
                ?? throw new CliException(ExitCode.Failed, $"No party was invited to federation '{name}', so that there is nobody to tell.", "fedrec party invite NAME invites one.");
            var table = new ResultTable($"The coordinator of {name} has moved", "what", "value").Add("coordinator", move.Url);
            table.Notes.Add(PartyMoves.Write(move)); // a line of its own, which can be copied
            context.Write(new { federation = name, url = move.Url, pin = move.Pin, number = move.Number, notice = PartyMoves.Write(move) }, table);
            context.Say("The last line is the notice, for parties that the old address does not reach; there: fedrec party follow NOTICE");
            return ExitCode.Ok;
        });
        return command.WithExamples("fedrec party move https://fedrec.example.org/ --federation shops", "fedrec party move https://10.0.0.7:5443/ --federation shops");
    }
}
