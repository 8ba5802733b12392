using System.CommandLine;
using System.Globalization;
using FedRec.Cli.Output;
using FedRec.Contracts.Access;
using FedRec.Web.Api;

namespace FedRec.Cli.Commands;

/// <summary><c>access</c>: who may come in over HTTP.</summary>
internal static class AccessCommand
{
    public static Command Create(Terminal terminal)
    {
        var key = new Command("key", "Makes keys with which programs and people say who they are, lists them, and ends them.") { CreateKey(terminal), List(terminal), Revoke(terminal) };
        return new Command("access", "Decides who may use the page and the API, and for what.") { key.WithExamples(s_examples), Log(terminal) }.WithExamples([.. s_examples, "fedrec access log"]);
    }

    private static readonly string[] s_examples = ["fedrec access key create ada --role operator     the first key: from then on everybody is asked for one", "fedrec access key create web-shop --role app --federation shop --days 90", "fedrec access key list", "fedrec access key revoke 1a2b3c4d5e6f"];

    private static Command CreateKey(Terminal terminal)
    {
        var name = new Argument<string>("name") { Description = "What the key is called by: whose it is, or what for." };
        var role = TypedOptions.Word("--role", "What it is good for: viewer (see everything), app (lists for its users, and what they do), operator (everything).", "viewer", "viewer", "app", "operator");
        var federation = TypedOptions.Text("--federation", "The only federation that it is good for. Default: all of them.", "NAME");
        var (days, storage) = (TypedOptions.Number("--days", "Days that it is good.", 365, 1, 3_650), CommonOptions.Storage());
        var command = new Command("create", "Makes a key. It is shown once and kept nowhere: only its SHA-256 is stored. From the first key on, a FedRec asks everybody who they are, on this machine too.") { name, role, federation, days, storage };
        command.Run(terminal, async (context, cancellationToken) =>
        {
            await using var session = await VerbSession.OpenAsync(context, storage, cancellationToken);
            var text = AccessKeyText.Create();
            try
            {
                var terms = new AccessKeyTerms(text.Id, text.Hash, context.Value(name), RoleOf(context.Value(role)), context.Value(federation), TimeSpan.FromDays(context.Value(days)));
                var key = await session.Grains.GetGrain<IAccessKeysGrain>(IAccessKeysGrain.Key).AddAsync(terms, cancellationToken);
                var table = Table([key]);
                table.Notes.Add(text.Reveal()); // a line of its own: a terminal would cut it up in a table, and nobody could copy it
                context.Write(new { key = text.Reveal(), record = View(key) }, table);
            }
            catch (ArgumentException e)
            {
                throw new CliException(ExitCode.Usage, Failure.Plain(e), "No key was made.", e);
            }

            context.Say("The line above that begins with frk_ is the key. It is shown this once; send it as Authorization: Bearer KEY, or give it to the login of the page.");
            return ExitCode.Ok;
        });
        return command.WithExamples("fedrec access key create ada --role operator", "fedrec access key create web-shop --role app --federation shop --days 90");
    }

    private static Command List(Terminal terminal)
    {
        var storage = CommonOptions.Storage();
        var command = new Command("list", "Lists the keys, and those that have ended, without what they are used by.") { storage };
        command.Run(terminal, async (context, cancellationToken) =>
        {
            await using var session = await VerbSession.OpenAsync(context, storage, cancellationToken);
            var keys = await session.Grains.GetGrain<IAccessKeysGrain>(IAccessKeysGrain.Key).ListAsync(cancellationToken);
            var table = Table([.. keys]);
            if (keys.IsEmpty)
            {
                table.Notes.Add("There is no key: on this machine nobody is asked for one. The first is made by: fedrec access key create NAME --role operator");
            }

            context.Write(new { keys = keys.Select(View) }, table);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Revoke(Terminal terminal)
    {
        var id = new Argument<string>("id") { Description = "Id of the key, 12 hexadecimal digits: it is between the first two underscores of the key." };
        var storage = CommonOptions.Storage();
        var command = new Command("revoke", "Ends a key for good; within a few seconds it is no good anywhere.") { id, storage };
        command.Run(terminal, async (context, cancellationToken) =>
        {
            await using var session = await VerbSession.OpenAsync(context, storage, cancellationToken);
            var key = await session.Grains.GetGrain<IAccessKeysGrain>(IAccessKeysGrain.Key).RevokeAsync(context.Value(id), cancellationToken)
                ?? throw new CliException(ExitCode.Failed, "There is no key with that id.", "'fedrec access key list' shows those that there are."); // perhaps a whole key was given: it is not repeated
            context.Write(View(key), Table([key]));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Log(Terminal terminal)
    {
        var storage = CommonOptions.Storage();
        var command = new Command("log", "Shows what operators have changed over HTTP, newest first: who, what, when, and what became of it. Exit code 1 when the chain of its hashes is broken.") { storage };
        command.Run(terminal, async (context, cancellationToken) =>
        {
            await using var session = await VerbSession.OpenAsync(context, storage, cancellationToken);
            var log = AccessLogView.From(await session.Grains.GetGrain<IAccessLogGrain>(IAccessLogGrain.Key).ReadAsync(cancellationToken));
            var table = new ResultTable("Changes over HTTP", ">number", "when", "who", "what", "answer");
            foreach (var change in log.Changes)
            {
                table.Add(Text.Count(change.Number), change.At.ToString("u", CultureInfo.InvariantCulture), change.Caller, change.Action, change.Status?.ToString(CultureInfo.InvariantCulture) ?? "unknown");
            }

            table.Notes.Add(log.BrokenAt is { } broken ? $"The chain is broken at entry {broken}: it or the one before was changed." : log.Head.Length > 0 ? $"The chain holds up to {log.Head}." : "Nothing was changed yet.");
            context.Write(log, table);
            return log.BrokenAt is null ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    private static AccessRole RoleOf(string word) => Enum.Parse<AccessRole>(word, ignoreCase: true);

    private static ResultTable Table(IReadOnlyList<AccessKeyRecord> keys)
    {
        var table = new ResultTable("Keys", "id", "name", "role", "federation", "created", "good until", "last used");
        foreach (var key in keys)
        {
            table.Add(key.Id, key.Name, Word(key.Role), key.Federation ?? "all", Day(key.Created), key.Revoked is { } revoked ? $"revoked {Day(revoked)}" : Day(key.Expires), key.LastUsed?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "never");
        }

        return table;
    }

    private static object View(AccessKeyRecord key) => new { key.Id, key.Name, role = Word(key.Role), key.Federation, key.Created, key.Expires, key.LastUsed, key.Revoked };

    private static string Word(AccessRole role) => role.ToString().ToLowerInvariant();

    private static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
