using System.CommandLine;
using FedRec.Cli.Hosting;
using FedRec.Cli.Output;
using FedRec.Hosting;
using FedRec.Storage.Encryption;

namespace FedRec.Cli.Commands;

/// <summary><c>store</c>: how what is kept is encrypted.</summary>
internal static class StoreCommand
{
    public static Command Create(Terminal terminal) =>
        new Command("store", "Encryption of what is kept: the keys, which blobs have which key, and writing them again with a new one.") { Status(terminal), Rewrite(terminal), StoreKeyCommand.Create(terminal) }.WithExamples(
            "fedrec store key create /etc/fedrec/storage.keys     a first key; name the file in FedRec:Storage:Encryption:KeyFile",
            "fedrec store key add /etc/fedrec/storage.keys        a new key, which writes from now on; the ones before still read",
            "fedrec store status                                  how many blobs have which key",
            "fedrec store rewrite                                 all of them with the newest key; silos are stopped meanwhile");

    private static Command Status(Terminal terminal)
    {
        var storage = CommonOptions.Storage();
        var command = new Command("status", "Counts the blobs of the store by the key that they are encrypted with. Exit code 1 when a key that some of them need is not configured.") { storage };
        command.Run(terminal, async (context, cancellationToken) =>
        {
            var plan = PlanOf(context, storage);
            using var lease = InstanceLease.TryAcquire(context.DataFolder, plan.Store);
            await using var store = StoreOf(context, plan with { Joins = lease is null });
            await store.OpenAsync(cancellationToken);
            var survey = await store.Stores.CreateRewrite().SurveyAsync(cancellationToken);
            var cipher = store.Stores.Cipher;
            var lines = survey.ByKey.Select(pair => new KeyLine(pair.Key, pair.Value, pair.Key.Length == 0 || cipher.Has(pair.Key), pair.Key == cipher.WritingKey)).ToList();
            var table = new ResultTable("Store", "key", ">blobs", "");
            foreach (var line in lines)
            {
                table.Add(line.Key.Length == 0 ? "none" : line.Key, Text.Count(line.Blobs), line.Key.Length == 0 ? cipher.IsOn ? "not encrypted" : "" : !line.Configured ? "not among the configured keys" : line.Writes ? "writes" : "reads");
            }

            table.Notes.Add(cipher.IsOn ? $"Encryption is on; key {cipher.WritingKey} writes." : "Encryption is off (FedRec:Storage:Encryption): whoever reads the store reads what is in it.");
            context.Write(new { encrypted = cipher.IsOn, writingKey = cipher.WritingKey, blobs = survey.Total, plain = survey.Plain, keys = lines.Where(line => line.Key.Length > 0) }, table);
            return lines.All(line => line.Configured) ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    private static Command Rewrite(Terminal terminal)
    {
        var storage = CommonOptions.Storage();
        var command = new Command("rewrite", "Encrypts every blob of the store with the newest key, whether it has an older one or none; the content stays. Stop the silos of the store first. Exit code 1 when one cannot be read; it is left as it was.") { storage };
        command.Run(terminal, async (context, cancellationToken) =>
        {
            if (!context.Settings.Host.Encryption.IsOn)
            {
                throw new CliException(ExitCode.BadConfiguration, "There is no key to encrypt with.", "Make one ('fedrec store key create FILE'), and name the file in FedRec:Storage:Encryption:KeyFile.");
            }

            context.Settings.Host.Encryption.AllowPlain = true; // what is not encrypted is what this is for
            var plan = PlanOf(context, storage);
            await using var store = StoreOf(context, plan);
            store.Acquire();
            await store.OpenAsync(cancellationToken);
            var done = await store.Stores.CreateRewrite().RunAsync(cancellationToken);
            await store.Stores.CheckKeysAsync(cancellationToken); // from now on the store says that it is encrypted
            var table = new ResultTable("Store", "key", ">written again", ">had it", ">not readable").Add(store.Stores.Cipher.WritingKey!, Text.Count(done.Rewritten), Text.Count(done.Kept), Text.Count(done.Failed.Count));
            foreach (var (_, why) in done.Failed)
            {
                table.Notes.Add(why);
            }

            context.Write(new { key = store.Stores.Cipher.WritingKey, done.Rewritten, done.Kept, done.Failed }, table);
            return done.Failed.IsEmpty ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    private static SessionPlan PlanOf(CommandContext context, Option<string?> storage)
    {
        var plan = VerbSession.Plan(context, context.Value(storage));
        return plan.Storage == "memory" ? throw new CliException(ExitCode.BadConfiguration, "Nothing is kept in a store in memory.", "Use --storage azurite, or blob with a connection string.") : plan;
    }

    // Its keys are looked at by the verb itself: the store may have some that are not here, or none.
    private static SiloStore StoreOf(CommandContext context, SessionPlan plan)
    {
        var store = StoreAccess.StoreOf(context, plan);
        store.Stores.ChecksKeys = false;
        return store;
    }

    private sealed record KeyLine(string Key, long Blobs, bool Configured, bool Writes);
}

/// <summary><c>store key</c>: the file with the keys. None of its verbs shows a key, only ids.</summary>
internal static class StoreKeyCommand
{
    public static Command Create(Terminal terminal) =>
        new Command("key", "Makes the file with the keys, adds new ones to it, and says which one writes.") { New(terminal), Add(terminal), Use(terminal), List(terminal) }.WithExamples(
            "fedrec store key create /etc/fedrec/storage.keys",
            "fedrec store key add /etc/fedrec/storage.keys --standby     for a cluster: every silo gets it before one writes with it",
            "fedrec store key use k20270101 /etc/fedrec/storage.keys");

    private static Command New(Terminal terminal)
    {
        var (file, id) = (FileArgument(), IdOption());
        var command = new Command("create", "Makes a file with one key that only its user may read. Keep a copy elsewhere: without it the store cannot be read by anybody.") { file, id };
        command.Run(terminal, (context, _) =>
        {
            var path = PathOf(context, file);
            if (File.Exists(path))
            {
                throw new CliException(ExitCode.Failed, $"{path} is there already; nothing was changed.", "'fedrec store key add' adds a key to it.");
            }

            Save(path, new KeyRing(NewKey(context.Value(id), [])), replaces: false);
            return Show(context, path);
        });
        return command;
    }

    private static Command Add(Terminal terminal)
    {
        var (file, id) = (FileArgument(), IdOption());
        var standby = new Option<bool>("--standby") { Description = "The key only reads, until 'fedrec store key use' lets it write." };
        var command = new Command("add", "Adds a key, with which everything is written from now on; silos that use the file follow at once. Those before stay, to read what was written with them.") { file, id, standby };
        command.Run(terminal, (context, _) =>
        {
            var path = PathOf(context, file);
            var before = StorageKeyFile.Load(path).Keys;
            if (context.Value(id) is { } given && before.Any(key => key.Id == given))
            {
                throw new CliException(ExitCode.Failed, $"{path} has a key '{given}' already; nothing was changed.", "Give another id, or none.");
            }

            var added = NewKey(context.Value(id), before);
            Save(path, new KeyRing(context.Value(standby) ? before.Prepend(added) : before.Append(added)), replaces: true);
            return Show(context, path);
        });
        return command;
    }

    private static Command Use(Terminal terminal)
    {
        var (id, file) = (new Argument<string>("id") { Description = "Id of a key of the file." }, FileArgument());
        var command = new Command("use", "Lets a key of the file write; all others read.") { id, file };
        command.Run(terminal, (context, _) =>
        {
            var path = PathOf(context, file);
            var keys = StorageKeyFile.Load(path);
            var wanted = keys.Find(context.Value(id)) ?? throw new CliException(ExitCode.Failed, $"{path} has no key of that id.", $"It has {string.Join(", ", keys.Keys)}."); // perhaps a whole key was given: it is not repeated
            Save(path, new KeyRing(keys.Keys.Where(key => key != wanted).Append(wanted)), replaces: true);
            return Show(context, path);
        });
        return command;
    }

    private static Command List(Terminal terminal)
    {
        var file = FileArgument();
        var command = new Command("list", "Lists the ids of the keys of a file.") { file };
        command.Run(terminal, (context, _) => Show(context, PathOf(context, file)));
        return command;
    }

    private static Argument<string?> FileArgument() => new("file") { Description = "The file. Default: FedRec:Storage:Encryption:KeyFile.", Arity = ArgumentArity.ZeroOrOne };

    private static Option<string?> IdOption() => TypedOptions.Text("--id", "What the key is called by: letters, digits, dots, dashes and underscores. Default: k and the date.", "ID");

    private static string PathOf(CommandContext context, Argument<string?> file) => context.Value(file) is { Length: > 0 } given ? context.FullPath(given)
        : context.Settings.Host.Encryption.KeyFile is { Length: > 0 } configured ? context.FullPath(configured)
        : throw new CliException(ExitCode.Usage, "It is not said which file.", "Name it, or set FedRec:Storage:Encryption:KeyFile.");

    private static StorageKey NewKey(string? given, IReadOnlyList<StorageKey> taken)
    {
        var date = $"k{DateTimeOffset.UtcNow:yyyyMMdd}";
        var id = given ?? Enumerable.Range(1, taken.Count + 1).Select(number => number == 1 ? date : $"{date}-{number}").First(free => taken.All(key => key.Id != free));
        return StorageKey.IsId(id) ? StorageKey.Create(id)
            : throw new CliException(ExitCode.Usage, $"'{id}' is no id of a key.", $"It has 1 to {StorageKey.MaxIdLength} letters, digits, dots, dashes and underscores.");
    }

    private static void Save(string path, KeyRing keys, bool replaces)
    {
        try
        {
            StorageKeyFile.Save(path, keys, replaces);
        }
        catch (Exception e) when (FileFailure.Is(e))
        {
            throw new CliException(ExitCode.Failed, $"{path} cannot be written: {FileFailure.Cause(e, path)}.", "Nothing was changed. Name a file in a folder that is there and that you may write to.", e);
        }
    }

    private static Task<int> Show(CommandContext context, string path)
    {
        var keys = StorageKeyFile.Load(path);
        var table = new ResultTable($"Keys in {path}", "id", "");
        foreach (var key in keys.Keys)
        {
            table.Add(key.Id, key == keys.Writing ? "writes" : "reads");
        }

        context.Write(new { file = path, keys = keys.Keys.Select(key => new { key.Id, writes = key == keys.Writing }) }, table);
        return Task.FromResult(ExitCode.Ok);
    }
}
