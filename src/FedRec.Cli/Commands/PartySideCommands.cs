using System.CommandLine;
using FedRec.Cli.Output;
using FedRec.Cli.Parties;
using FedRec.Core.Federation;

namespace FedRec.Cli.Commands;

/// <summary>What is done at a party, on the machine that has the data.</summary>
internal static class PartySideCommands
{
    public static Command Join(Terminal terminal)
    {
        var code = new Argument<string>("code") { Description = "The code of the invitation, as it was given." };
        var source = new PartySourceOptions();
        var (folder, reading) = (Folder(), new ReadingArguments(here: true));
        var match = TypedOptions.Word("--match", "How the party's items are found in the federation's catalogue. id: by their ids, as they are; title: by titles with years from the items.csv beside the data, without case, accents and punctuation.", "id", "id", "title");
        var keyFile = TypedOptions.Text("--key-file", "File with the secret of 'data align', at least 32 bytes, where the catalogue's ids are its hashes of ids or titles; only parties need it.", "FILE");
        var command = new Command("join", "Joins a federation: makes the party's key here, and shows the coordinator that it has it. Then the operator approves it.") { code };
        command.WithOptions([new("Party", [.. source.All, folder]), new("Items", [match, keyFile]), reading.Group]);
        command.Run(terminal, async (context, cancellationToken) =>
        {
            var invitation = PartyCodes.Read(context.Value(code));
            var (data, way) = source.Read(context, reading);
            var membership = new PartyMembership(invitation, data, way)
            {
                MatchesTitles = context.Value(match) == "title",
                KeyFile = context.Value(keyFile) is { } secret ? RunRequests.ExistingPath(context, secret, "Give --key-file the file of the secret that the parties share; the coordinator need not have it.") : null,
            };
            using var trainer = await CommandContext.ReadAsync(() => PartyRows.Open(membership, Parts()), cancellationToken); // what cannot be read is told before anybody is asked
            var own = PartyFolder.Create(context.Value(folder) is { } given ? context.FullPath(given) : Path.Combine(Root(context), invitation.Name), membership);
            using var key = own.ReadKey();
            using var client = new PartyClient(invitation, key);
            var fingerprint = await AskAsync(() => client.JoinAsync(cancellationToken), "The key stays in the party's folder; a new code is joined with it.");
            context.Write(
                new { federation = invitation.Federation, party = invitation.Name, fingerprint, trainer.Report.Users, trainer.Interactions, log = own.LogPath },
                new ResultTable($"{invitation.Name} has joined {invitation.Federation}", "what", "value").Add("fingerprint", fingerprint).Add("users", Text.Count(trainer.Report.Users)).Add("interactions", Text.Count(trainer.Interactions))
                    .Add("log", own.LogPath));
            context.Say($"Tell the operator the fingerprint; there: fedrec party approve {invitation.Name} --federation {invitation.Federation}. Then here: fedrec party run {(context.Value(folder) is { } there ? $"--folder {there}" : invitation.Name)}");
            return ExitCode.Ok;
        });
        return command.WithExamples("fedrec party join CODE --data orders.csv", "fedrec party join CODE --data orders.csv --user-column customer --item-column sku",
            "fedrec party join CODE --sqlite shop.db --query 'SELECT customer AS user, sku AS item, bought AS timestamp FROM orders'");
    }

    public static Command Run(Terminal terminal)
    {
        var name = new Argument<string?>("name") { Description = "The party; may be left out where only one has joined here.", Arity = ArgumentArity.ZeroOrOne };
        var folder = Folder();
        var port = TypedOptions.Number("--port", "Port on this machine, and on no other, at which the party's own users get recommendations; 0 for any that is free.", 0, 0, 65535);
        var silent = new Option<bool>("--no-serve") { Description = "Serves nobody: the party trains only, and keeps no model." };
        var command = new Command("run", "Does what the coordinator asks of the party, until it is ended: trains and evaluates on the party's data, and sends sums, each noted in its log first. Serves the party's own users from the version in use.") { name, folder, port, silent };
        command.Run(terminal, async (context, cancellationToken) =>
        {
            var own = PartyFolder.Open(context.Value(folder) is { } given ? context.FullPath(given) : PartyFolder.Find(Root(context), context.Line.GetValue(name)));
            using var alone = own.Lock();
            own.Releases.RequireWritable();
            using var client = new PartyClient(own) { Say = context.Say };
            using var newest = context.Value(silent) ? null : new NewestModel(own, Parts(), context.Say, TimeProvider.System);
            using var worker = new PartyWorker(own, client, Parts(), newest, context.Say, TimeProvider.System);
            await using var server = newest is null ? null : await PartyServer.StartAsync(context, own.Membership, newest, context.Value(port), cancellationToken);
            context.Say($"Party {own.Membership.Code.Name} of {own.Membership.Code.Federation}; what it sends is noted in {own.LogPath}. Ctrl-C ends it.");
            if (server is not null)
            {
                context.Say($"Its own users are served at {server.Address}api/v1/recommendations/USER, and by a page at {server.Address}fedrec: on this machine only.");
            }

            await worker.RunAsync(cancellationToken);
            return ExitCode.Ok;
        });
        return command.WithExamples("fedrec party run", "fedrec party run north --port 5090", "fedrec party run --no-serve");
    }

    public static Command Rotate(Terminal terminal)
    {
        var (name, folder) = (Party(), Folder());
        var command = new Command("rotate", "Makes another key for the party and puts it in the place of the one it has; a party that runs goes on with it. The one before is good for an hour more, for what is on its way.") { name, folder };
        command.Run(terminal, async (context, cancellationToken) =>
        {
            var own = PartyFolder.Open(PathOf(context, folder, name));
            using var client = new PartyClient(own); // reads the key: without it no other one is made
            using var next = own.ReadNextKey();
            var fingerprint = await AskAsync(() => client.RotateAsync(next, cancellationToken), "Nothing has changed here: the party goes on with the key that it has.");
            own.TakeNextKey();
            context.Write(new { party = own.Membership.Code.Name, fingerprint }, new ResultTable($"{own.Membership.Code.Name} has another key", "what", "value").Add("fingerprint", fingerprint));
            return ExitCode.Ok;
        });
        return command.WithExamples("fedrec party rotate", "fedrec party rotate north");
    }

    public static Command Follow(Terminal terminal)
    {
        var notice = new Argument<string>("notice") { Description = "The notice that the coordinator has moved, as its operator gave it." };
        var (name, folder) = (Party(), Folder());
        var command = new Command("follow", "Follows the coordinator to another address by its signed notice, where the old one does not answer any more. A party that hears the notice from the coordinator itself follows without this.") { notice, name, folder };
        command.Run(terminal, (context, _) =>
        {
            var own = PartyFolder.Open(PathOf(context, folder, name));
            var there = own.Membership.Code.After(context.Value(notice).Trim())
                ?? throw new CliException(ExitCode.Failed, $"This is no notice of the coordinator of {own.Membership.Code.Federation}, or one that is older than what the party goes by ({own.Membership.Code.Url}).", "Copy all of it; it begins with fedrec-move-1-. Ask the operator for the newest one: fedrec party move URL");
            own.Keep(there);
            context.Write(new { party = there.Name, url = there.Url, pin = there.Pin }, new ResultTable($"{there.Name} follows the coordinator of {there.Federation}", "what", "value").Add("coordinator", there.Url.ToString()));
            return Task.FromResult(ExitCode.Ok);
        });
        return command.WithExamples("fedrec party follow NOTICE", "fedrec party follow NOTICE north");
    }

    public static Command Check(Terminal terminal)
    {
        var name = new Argument<string?>("name") { Description = "The party; may be left out where only one has joined here.", Arity = ArgumentArity.ZeroOrOne };
        var folder = Folder();
        var command = new Command("check", "Looks whether the party could do what it is asked: disk, policy, key, data, coordinator, clock, and a training that is not sent where a round waits. Exit code 1 when something is wrong.") { name, folder };
        command.Run(terminal, async (context, cancellationToken) =>
        {
            var path = context.Value(folder) is { } given ? context.FullPath(given) : PartyFolder.Find(Root(context), context.Line.GetValue(name));
            var own = PartyFolder.Open(path);
            var results = await PartyChecks.RunAsync(own, path, Parts(), cancellationToken);
            var table = new ResultTable($"Party {own.Membership.Code.Name} of {own.Membership.Code.Federation}", "", "check", "found", "fix");
            foreach (var result in results)
            {
                table.Add(result.Ok ? "✓" : "✗", result.Name, result.Found, result.Fix ?? "");
            }

            context.Write(new { healthy = results.All(result => result.Ok), checks = results }, table);
            return results.All(result => result.Ok) ? ExitCode.Ok : ExitCode.Failed;
        });
        return command.WithExamples("fedrec party check", "fedrec party check north --format json");
    }

    private static Option<string?> Folder() => TypedOptions.Text("--folder", "Folder of the party's key, membership and log. Default: parties/NAME in the data folder of the user.", "DIR");

    private static string Root(CommandContext context) => Path.Combine(context.DataFolder, "parties");

    private static FederationParts Parts() => FederationParts.BuiltIn();

    private static Argument<string?> Party() => new("name") { Description = "The party; may be left out where only one has joined here.", Arity = ArgumentArity.ZeroOrOne };

    private static string PathOf(CommandContext context, Option<string?> folder, Argument<string?> name) => context.Value(folder) is { } given ? context.FullPath(given) : PartyFolder.Find(Root(context), context.Line.GetValue(name));

    private static async Task<string> AskAsync(Func<Task<string>> ask, string whenRefused)
    {
        try
        {
            return await ask();
        }
        catch (PartyException exception)
        {
            throw new CliException(ExitCode.Failed, exception.Message, whenRefused, exception);
        }
        catch (HttpRequestException exception)
        {
            throw new CliException(ExitCode.Failed, $"The coordinator cannot be reached: {PartyConnection.Why(exception)}.", "Check the address in the code, the network, and that FedRec serves there. Where its certificate was made anew, ask the operator for a new code, or, for a party that has joined, for the notice (fedrec party move URL).", exception);
        }
    }
}
