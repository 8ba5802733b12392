using System.CommandLine;
using System.Globalization;
using FedRec.Cli.Hosting;
using FedRec.Cli.Output;
using FedRec.Cli.Parties;
using FedRec.Contracts.Federations;
using FedRec.Contracts.RemoteParties;
using FedRec.Core.Data;

namespace FedRec.Cli.Commands;

/// <summary><c>party</c>: parties that keep their data in processes of their own. What the coordinator's operator does is here, what a party does in <see cref="PartySideCommands"/>.</summary>
internal static class PartyCommand
{
    private const int Batch = 1_000;

    public static Command Create(Terminal terminal)
    {
        var command = new Command("party", "Parties that keep their data on their own machines: invites them, lets them in, and is one.")
        {
            Invite(terminal), Catalogue(terminal), Standing(terminal, "approve", PartyStanding.Active, "Lets a party that has joined take part, once both sides have compared the fingerprint."), List(terminal), Show(terminal),
            Standing(terminal, "suspend", PartyStanding.Suspended, "Lets a party alone for the time being: rounds do not wait for it."), Standing(terminal, "resume", PartyStanding.Active, "Lets a suspended party take part again."),
            Standing(terminal, "remove", PartyStanding.Removed, "Takes a party out for good; what it has added to models stays in them."),
            Forget(terminal), PartySignaturesCommand.Create(terminal), PartyMoveCommand.Create(terminal),
            PartySideCommands.Join(terminal), PartySideCommands.Check(terminal), PartySideCommands.Run(terminal), PartySideCommands.Rotate(terminal), PartySideCommands.Follow(terminal),
        };
        return command.WithExamples("fedrec party invite north --federation shops --catalogue items.csv     a code for north", "fedrec party join CODE --data orders.csv     at north", "fedrec party approve north --federation shops", "fedrec party run     at north");
    }

    private static Command Invite(Terminal terminal)
    {
        var name = Name("Name of the party: letters, digits, dots, dashes or underscores.");
        var (federation, storage) = (Federation("Federation that it is invited to; one that is not there yet begins."), CommonOptions.Storage());
        var users = TypedOptions.Word("--users", "Whether the party keeps the data of many users, or is one.", "many", "one", "many");
        var labels = TypedOptions.Text("--labels", "What the party is labelled with, separated by commas.", "NAME=VALUE");
        var items = TypedOptions.Text("--catalogue", "List of items (id, and title and tags where it has them), taken into the federation's public catalogue: parties learn of these items only. Default: those that are there.", "PATH");
        var ratings = new Option<bool>("--ratings") { Description = "Interactions of the federation carry ratings, where it begins with this." };
        var url = TypedOptions.Text("--url", "Address at which the party reaches this FedRec. Default: the one that the running FedRec has for parties, else its page's, for parties on this machine.", "URL");
        var days = TypedOptions.Number("--days", "Days that the code is good.", 7, 1, 30);
        var command = new Command("invite", "Makes a code with which a party joins, good once. Give it to the party by a way that you trust.") { name };
        command.WithOptions([new("Invitation", [users, labels, days, url]), new("Federation", [federation, items, ratings, storage])]);
        command.Run(terminal, async (context, cancellationToken) =>
        {
            var to = context.Value(federation);
            var catalogue = context.Value(items) is { } list ? await ReadItemsAsync(context, list, cancellationToken) : [];
            await using var session = await VerbSession.OpenAsync(context, storage, cancellationToken);
            var (address, pin) = AddressOf(context, session, context.Value(url));
            var hosted = (await session.Grains.GetGrain<IFederationGrain>(to).GetSummaryAsync(cancellationToken)).Hosted;
            var terms = new PartyTerms(context.Value(users) == "many", context.Value(labels) ?? "", context.Value(ratings) ? true : hosted is null ? false : null, TimeSpan.FromDays(context.Value(days)));
            var ticket = await session.Grains.GetGrain<IPartiesGrain>(to).InviteAsync(context.Value(name), terms, cancellationToken);
            await AddAsync(session, to, catalogue, cancellationToken);
            var code = new PartyCode(address, pin, to, ticket.Server, ticket.Party, context.Value(name), terms.HasManyUsers, ticket.Secret.ToArray(), ticket.Until, ticket.ServerKey.ToArray(), ticket.Moves);
            var table = new ResultTable($"Invitation of {context.Value(name)} to {to}", "what", "value")
                .Add("coordinator", address.ToString()).Add("good until", ticket.Until.ToString("u", CultureInfo.InvariantCulture));
            table.Notes.Add(code.Write()); // a line of its own: a terminal would cut it up in a table, and nobody could copy it
            context.Write(new { federation = to, party = context.Value(name), url = address, pin, until = ticket.Until, code = code.Write() }, table);
            context.Say($"The last line is the code. Give it to {context.Value(name)} by a way that you trust; there: fedrec party join CODE --data PATH");
            return ExitCode.Ok;
        });
        return command.WithExamples("fedrec party invite north --federation shops --catalogue items.csv", "fedrec party invite phone-17 --federation shops --users one --days 1", "fedrec party invite north --federation shops --url https://fedrec.example.org");
    }

    private static Command Catalogue(Terminal terminal)
    {
        var path = new Argument<string>("path") { Description = "List of items: id, and title and tags where it has them." };
        var (federation, storage) = (CommonOptions.Federation(), CommonOptions.Storage());
        var command = new Command("catalogue", "Takes a list of items into the federation's public catalogue: parties learn of these items only. May be repeated; a title or tags that are given anew correct an item.") { path, federation, storage };
        command.Run(terminal, async (context, cancellationToken) =>
        {
            var items = await ReadItemsAsync(context, context.Value(path), cancellationToken);
            await using var session = await VerbSession.OpenAsync(context, storage, cancellationToken);
            var name = await VerbSession.FederationAsync(context, session, context.Value(federation), cancellationToken);
            if ((await session.Grains.GetGrain<IFederationGrain>(name).GetSummaryAsync(cancellationToken)).Hosted is null)
            {
                throw new CliException(ExitCode.Failed, $"Federation '{name}' simulates its clients, and its items are those of its data.", "Name another one with --federation.");
            }

            var count = await AddAsync(session, name, items, cancellationToken);
            context.Write(new { federation = name, given = items.Length, items = count }, new ResultTable($"Catalogue of {name}", "what", ">items").Add("given", Text.Count(items.Length)).Add("in the catalogue", Text.Count(count)));
            return ExitCode.Ok;
        });
        return command.WithExamples("fedrec party catalogue items.csv --federation shops");
    }

    private static async Task<int> AddAsync(FedRecSession session, string federation, CatalogueItem[] items, CancellationToken cancellationToken)
    {
        var count = 0;
        foreach (var part in items.Chunk(Batch))
        {
            count = await session.Grains.GetGrain<ICatalogueGrain>(federation).AddAsync([.. part], cancellationToken);
        }

        return count;
    }

    private static Command List(Terminal terminal)
    {
        var (federation, storage) = (CommonOptions.Federation(), CommonOptions.Storage());
        var command = new Command("list", "Lists the parties of a federation: what they may do, when they were last heard of, what they have added.") { federation, storage };
        command.Run(terminal, async (context, cancellationToken) =>
        {
            await using var session = await VerbSession.OpenAsync(context, storage, cancellationToken);
            var name = await VerbSession.FederationAsync(context, session, context.Value(federation), cancellationToken);
            Write(context, name, await session.Grains.GetGrain<IPartiesGrain>(name).ListAsync(cancellationToken));
            return ExitCode.Ok;
        });
        return command.WithExamples("fedrec party list --federation shops");
    }

    private const string NotTold = "not told";

    private static Command Show(Terminal terminal)
    {
        var (party, federation, storage) = (Name("Name of the party."), CommonOptions.Federation(), CommonOptions.Storage());
        var command = new Command("show", "Shows a party with what became of its last updates, why it refused what it was asked, and what came in its name and was not taken.") { party, federation, storage };
        command.Run(terminal, async (context, cancellationToken) =>
        {
            await using var session = await VerbSession.OpenAsync(context, storage, cancellationToken);
            var name = await VerbSession.FederationAsync(context, session, context.Value(federation), cancellationToken);
            var record = await session.Grains.GetGrain<IPartiesGrain>(name).FindAsync(context.Value(party), cancellationToken) ?? throw Missing(name, context.Value(party));
            var receipts = new ResultTable("Last updates", "run", ">round", ">attempt", "outcome", ">bytes", "at");
            foreach (var receipt in record.Receipts)
            {
                receipts.Add(receipt.Update.Run, Number(receipt.Update.Round), Number(receipt.Update.Attempt), Words(receipt.Outcome), Text.Count(receipt.Bytes), receipt.At.ToString("u", CultureInfo.InvariantCulture));
            }

            var runs = new ResultTable("Runs", "run", ">counted", ">refused", ">bytes", ">last round");
            foreach (var run in record.Runs)
            {
                runs.Add(run.Run, Text.Count(run.Counted), Text.Count(run.Refused), Text.Count(run.BytesUp), Number(run.LastRound));
            }

            var refusals = new ResultTable("Last refusals", "run", "asked", ">round", ">attempt", "at", "reason");
            foreach (var refusal in record.Refusals)
            {
                refusals.Add(refusal.Update.Run, refusal.OfEvaluation ? "to evaluate" : "to train", Number(refusal.Update.Round), Number(refusal.Update.Attempt), refusal.At.ToString("u", CultureInfo.InvariantCulture), refusal.Reason);
            }

            var rejections = new ResultTable("Not taken", "what came in its name", ">times", "last");
            foreach (var rejection in record.Rejections)
            {
                rejections.Add(WordsFor(rejection.Reason), Text.Count(rejection.Count), rejection.Last.ToString("u", CultureInfo.InvariantCulture));
            }

            context.Write(record, Table(name, [record]), Told(record), runs, receipts, refusals, rejections);
            return ExitCode.Ok;
        });
        return command.WithExamples("fedrec party show north --federation shops");
    }

    private static Command Standing(Terminal terminal, string verb, PartyStanding standing, string description)
    {
        var (party, federation, storage) = (Name("Name of the party."), CommonOptions.Federation(), CommonOptions.Storage());
        var command = new Command(verb, description) { party, federation, storage };
        command.Run(terminal, async (context, cancellationToken) =>
        {
            await using var session = await VerbSession.OpenAsync(context, storage, cancellationToken);
            var name = await VerbSession.FederationAsync(context, session, context.Value(federation), cancellationToken);
            var record = await session.Grains.GetGrain<IPartiesGrain>(name).SetStandingAsync(context.Value(party), standing, cancellationToken) ?? throw Missing(name, context.Value(party));
            Write(context, name, [record]);
            return ExitCode.Ok;
        });
        return command.WithExamples($"fedrec party {verb} north --federation shops");
    }

    private static Command Forget(Terminal terminal)
    {
        var (party, federation, storage) = (Name("Name of the party."), CommonOptions.Federation(), CommonOptions.Storage());
        var command = new Command("forget", "Takes a party out, and all that is kept of it: its name, key, receipts, signatures, reasons and numbers. What it has added to models stays in them until one is trained without it. It may be invited anew.") { party, federation, storage };
        command.Run(terminal, async (context, cancellationToken) =>
        {
            await using var session = await VerbSession.OpenAsync(context, storage, cancellationToken);
            var name = await VerbSession.FederationAsync(context, session, context.Value(federation), cancellationToken);
            if (!await session.Grains.GetGrain<IPartiesGrain>(name).ForgetAsync(context.Value(party), cancellationToken))
            {
                throw Missing(name, context.Value(party));
            }

            context.Write(new { federation = name, forgotten = context.Value(party) }, new ResultTable($"{context.Value(party)} is forgotten", "what", "value").Add("federation", name));
            return ExitCode.Ok;
        });
        return command.WithExamples("fedrec party forget north --federation shops");
    }

    private static async Task<CatalogueItem[]> ReadItemsAsync(CommandContext context, string path, CancellationToken cancellationToken)
    {
        var full = RunRequests.ExistingPath(context, path);
        return await CommandContext.ReadAsync(() =>
        {
            var (ids, entries) = ItemList.Read(full);
            return Enumerable.Range(0, ids.Count).Select(item => new CatalogueItem(ids[item], entries.Titles[item], [.. entries.Tags[item]])).ToArray();
        }, cancellationToken);
    }

    private static (Uri Address, string Pin) AddressOf(CommandContext context, FedRecSession session, string? given)
    {
        var serving = session.Parties ?? PartyDoor.Address(context); // where nothing serves, or it is another machine that does: by the configuration
        var text = given ?? serving?.Url.ToString() ?? (session.OwnsSilo ? null : session.Web?.ToString());
        if (text is null || !Uri.TryCreate(text, UriKind.Absolute, out var address))
        {
            throw new CliException(ExitCode.Failed, text is null ? "No FedRec serves here, and no address is given at which the party reaches it." : $"{text} is no address.",
                "Start 'fedrec serve' first, set FedRec:Web:PartyPort for parties on other machines, or give --url https://….");
        }

        PartyCodes.RequireSafe(address);
        return (address, address.Scheme == "https" ? serving?.Pin ?? "" : "");
    }

    private static void Write(CommandContext context, string federation, IReadOnlyList<PartyRecord> records) => context.Write(new { federation, parties = records }, Table(federation, records));

    private static ResultTable Told(PartyRecord record) => new ResultTable("What it says of its data", "what", "value")
        .Add("users", Text.Count(record.Users)).Add("items in the catalogue", Told(record.Report?.MatchedItems)).Add("items that are not", Told(record.Report?.UnmatchedItems))
        .Add("read", record.Report?.ReadAt?.ToString("u", CultureInfo.InvariantCulture) ?? NotTold);

    private static string Told(int? count) => count is { } told ? Text.Count(told) : NotTold;

    private static ResultTable Table(string federation, IReadOnlyList<PartyRecord> records)
    {
        var table = new ResultTable($"Parties of {federation}", "party", "standing", "fingerprint", ">client", ">users", "last seen", ">counted", ">refused", ">bytes", "labels");
        foreach (var one in records)
        {
            table.Add(one.Name, Words(one.Standing), one.Fingerprint, one.Client is { } client ? Number(client) : "", Text.Count(one.Users), one.LastSeen?.ToString("u", CultureInfo.InvariantCulture) ?? "never",
                Text.Count(one.Counted), Text.Count(one.Refused), Text.Count(one.BytesUp), one.Labels);
        }

        return table;
    }

    private static Option<string> Federation(string description) => new("--federation") { Description = description, HelpName = "NAME", Required = true };

    private static Argument<string> Name(string description) => new("name") { Description = description };

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Words<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string WordsFor(PartyRejectionReason reason) => reason switch
    {
        PartyRejectionReason.Token => "a token that is not the party's, or no more",
        PartyRejectionReason.TokenAgain => "a token that was used before",
        PartyRejectionReason.Standing => "a request while it might not take part",
        PartyRejectionReason.NotAsked => "an update that was not asked, or came too late",
        PartyRejectionReason.Signature => "an update that it has not signed for what was asked",
        PartyRejectionReason.OtherBytes => "other bytes for the same round",
        PartyRejectionReason.Unreadable => "bytes that are no update",
        _ => "sums that its users cannot have",
    };

    private static CliException Missing(string federation, string party) => new(ExitCode.Failed, $"Federation '{federation}' has no party '{party}'.", "fedrec party list shows those that there are; fedrec party invite invites one.");
}
