using System.Security.Cryptography;
using FedRec.Cli.Output;
using FedRec.Contracts.RemoteParties;
using FedRec.Core.Data.Readers;

namespace FedRec.Cli.Parties;

/// <summary>What a party keeps on its own machine: its key, where it belongs to, and what it has sent.</summary>
/// <remarks><c>key.pem</c> (the private key, which never leaves the folder), <c>party.json</c>, and <c>releases.jsonl</c>: a line before anything is sent and one for what became of it.</remarks>
internal sealed class PartyFolder
{
    private const string KeyFile = "key.pem";
    private const string PartyFile = "party.json";
    private readonly string _path;

    private PartyFolder(string path, PartyMembership membership) => (_path, Membership) = (path, membership);

    /// <summary>Where it belongs to.</summary>
    public PartyMembership Membership { get; }

    /// <summary>What it has sent, a line of JSON each.</summary>
    public string LogPath => Path.Combine(_path, "releases.jsonl");

    /// <summary>Makes the folder and the key of a party, or opens those that were made for the same invitation.</summary>
    /// <exception cref="CliException">The folder is another party's.</exception>
    public static PartyFolder Create(string path, PartyMembership membership)
    {
        if (File.Exists(Path.Combine(path, PartyFile)))
        {
            var there = Open(path);
            return there.Membership.Code.Party == membership.Code.Party && there.Membership.Code.Server == membership.Code.Server ? Write(path, membership)
                : throw new CliException(ExitCode.Failed, $"{path} belongs to party '{there.Membership.Code.Name}' of federation '{there.Membership.Code.Federation}'.", "Give another folder with --folder.");
        }

        Directory.CreateDirectory(path);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        if (!File.Exists(Path.Combine(path, KeyFile)))
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            WriteWhole(Path.Combine(path, KeyFile), key.ExportPkcs8PrivateKeyPem());
        }

        return Write(path, membership);
    }

    /// <summary>Opens the folder of a party that has joined.</summary>
    /// <exception cref="CliException">There is none.</exception>
    public static PartyFolder Open(string path)
    {
        var file = Path.Combine(path, PartyFile);
        return File.Exists(file) && Json.Read<PartyMembership>(File.ReadAllText(file)) is { } membership ? new PartyFolder(path, membership)
            : throw new CliException(ExitCode.Failed, $"No party has joined in {path}.", "Join first: fedrec party join CODE --data PATH");
    }

    /// <summary>The folder that is meant: that of a name, or the only one.</summary>
    /// <param name="root">Where folders of parties are.</param>
    /// <param name="name">The name; null for the only one.</param>
    /// <exception cref="CliException">There is none, or there are several.</exception>
    public static string Find(string root, string? name)
    {
        if (name is not null)
        {
            return Path.Combine(root, name);
        }

        var all = Directory.Exists(root) ? Directory.GetDirectories(root).Where(folder => File.Exists(Path.Combine(folder, PartyFile))).ToArray() : [];
        return all switch
        {
            [var only] => only,
            [] => throw new CliException(ExitCode.Failed, $"No party has joined in {root}.", "Join first: fedrec party join CODE --data PATH"),
            _ => throw new CliException(ExitCode.Usage, $"Several parties have joined here: {string.Join(", ", all.Select(Path.GetFileName))}.", "Say which: fedrec party run NAME"),
        };
    }

    /// <summary>The key.</summary>
    public ECDsa ReadKey()
    {
        var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(Path.Combine(_path, KeyFile)));
        return key;
    }

    /// <summary>Keeps a second process of the same party out, until it is disposed of.</summary>
    /// <exception cref="CliException">One is there.</exception>
    public IDisposable Lock()
    {
        try
        {
            return new FileStream(Path.Combine(_path, "running"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException exception)
        {
            throw new CliException(ExitCode.Failed, $"Party '{Membership.Code.Name}' runs already, in another process.", "One process of a party is enough; end the other one first.", exception);
        }
    }

    /// <summary>Adds a line to the log, on the disk before it returns.</summary>
    public void Log<T>(T line)
    {
        using var log = new FileStream(LogPath, FileMode.Append, FileAccess.Write, FileShare.Read);
        log.Write(System.Text.Encoding.UTF8.GetBytes(Json.Line(line) + "\n"));
        log.Flush(flushToDisk: true);
    }

    private static PartyFolder Write(string path, PartyMembership membership)
    {
        WriteWhole(Path.Combine(path, PartyFile), Json.Indented(membership with { Code = membership.Code with { Secret = [] } }));
        return new PartyFolder(path, membership);
    }

    // A crash leaves the file of before, or none. Nobody else may read it.
    private static void WriteWhole(string file, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var stream = new FileStream(file + ".new", options))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }

        File.Move(file + ".new", file, overwrite: true);
    }
}

/// <summary>Where a party belongs to, and where its data is.</summary>
/// <param name="Code">The invitation; without its secret once it is stored.</param>
/// <param name="Data">File or folder of its interactions.</param>
/// <param name="Reading">What the file does not tell itself.</param>
internal sealed record PartyMembership(PartyCode Code, string Data, ReadingOptions Reading);
