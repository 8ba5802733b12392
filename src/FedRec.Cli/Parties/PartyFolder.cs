using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedRec.Cli.Output;
using FedRec.Contracts.RemoteParties;
using FedRec.Core.Data.Readers;
using FedRec.Core.Randomness;

namespace FedRec.Cli.Parties;

/// <summary>What a party keeps on its own machine: its key, where it belongs to, and what it has sent.</summary>
/// <remarks><c>key.pem</c> (the private key, which never leaves the folder), <c>party.json</c>, <c>releases.jsonl</c> (a line before anything is sent and one for what became of it),
/// <c>run.json</c> (of which data it trains for its run), <c>model</c> (what its users are served from), and <c>policy.json</c> where its owner forbids something.</remarks>
internal sealed class PartyFolder
{
    private const string KeyFile = "key.pem";
    private const string PartyFile = "party.json";
    private const string NextKeyFile = "key.next.pem";
    private const string RunFile = "run.json";
    private const string PeersFile = "peers.json";
    private readonly string _path;

    private PartyFolder(string path, PartyMembership membership) => (_path, Membership, Releases) = (path, membership, new ReleaseLog(Path.Combine(path, "releases.jsonl")));

    /// <summary>Where it is.</summary>
    public string Root => _path;

    /// <summary>Where it belongs to.</summary>
    public PartyMembership Membership { get; }

    /// <summary>What it has sent.</summary>
    public ReleaseLog Releases { get; }

    /// <summary>Where that is.</summary>
    public string LogPath => Releases.Path;

    /// <summary>Makes the folder and the key of a party, or opens those that were made for the same invitation.</summary>
    /// <exception cref="CliException">The folder is another party's.</exception>
    public static PartyFolder Create(string path, PartyMembership membership)
    {
        if (Path.Exists(Path.Combine(path, PartyFile)))
        {
            var there = Open(path);
            return there.Membership.Code.Party == membership.Code.Party && there.Membership.Code.Server == membership.Code.Server ? Write(path, membership)
                : throw new CliException(ExitCode.Failed, $"{path} belongs to party '{there.Membership.Code.Name}' of federation '{there.Membership.Code.Federation}'.", "Give another folder with --folder.");
        }

        var (isNew, key) = (PartyFiles.MakeFolder(path), Path.Combine(path, KeyFile));
        var hasKey = Path.Exists(key);
        try
        {
            if (!hasKey)
            {
                using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
                PartyFiles.Write(key, made.ExportPkcs8PrivateKeyPem());
            }

            new PartyFolder(path, membership).ReadKey().Dispose(); // before there is a party of it
            return Write(path, membership);
        }
        catch (PartyFileException) when (!hasKey)
        {
            PartyFiles.Drop(key); // a key that nobody was told of
            if (isNew)
            {
                Directory.Delete(path);
            }

            throw;
        }
    }

    /// <summary>Opens the folder of a party that has joined.</summary>
    /// <exception cref="CliException">There is none, or it is damaged.</exception>
    public static PartyFolder Open(string path)
    {
        var file = Path.Combine(path, PartyFile);
        var text = PartyFiles.TryRead(file) ?? throw new CliException(ExitCode.Failed, $"No party has joined in {path}.", "Join first: fedrec party join CODE --data PATH");
        return TryParse(text) is { Code: { Url: not null, Federation: not null, Server: not null, Party: not null, Name: not null }, Data: not null, Reading: not null } membership ? new PartyFolder(path, membership)
            : throw new CliException(ExitCode.Failed, $"{file} does not say where the party belongs to: it is damaged, or something else.", "Put it back from a copy. Where there is none, move it away and join again with the code that the party had: with the key that is here it is good again.");
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
    public ECDsa ReadKey() => ReadKey(KeyFile);

    /// <summary>The key from which the party draws noise of its own: it follows from the private key, which nobody else has.</summary>
    /// <exception cref="PartyFileException">There is no key.</exception>
    public SecretKey ReadNoiseKey()
    {
        using var key = ReadKey();
        var secret = key.ExportParameters(includePrivateParameters: true).D!;
        var bytes = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, SecretKey.Length, info: "fedrec party noise 1"u8.ToArray());
        var own = new SecretKey(bytes);
        CryptographicOperations.ZeroMemory(secret);
        CryptographicOperations.ZeroMemory(bytes);
        return own;
    }

    /// <summary>The key that is to take the place of the key: the one of an attempt that was cut off, or one that is made now.</summary>
    public ECDsa ReadNextKey()
    {
        if (TryReadNextKey() is { } there)
        {
            return there;
        }

        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        PartyFiles.Write(Path.Combine(_path, NextKeyFile), key.ExportPkcs8PrivateKeyPem());
        return key;
    }

    /// <summary>The same; null where none is about to take its place.</summary>
    public ECDsa? TryReadNextKey() => Path.Exists(Path.Combine(_path, NextKeyFile)) ? ReadKey(NextKeyFile) : null;

    /// <summary>Puts it there, once the coordinator knows it.</summary>
    public void TakeNextKey() => PartyFiles.Try(Path.Combine(_path, KeyFile), "cannot be written", () =>
    {
        File.Move(Path.Combine(_path, NextKeyFile), Path.Combine(_path, KeyFile), overwrite: true);
        return true;
    });

    /// <summary>Keeps where the coordinator is now.</summary>
    public void Keep(PartyCode code) => Write(_path, Open(_path).Membership with { Code = code });

    /// <summary>Keeps a second process of the same party out, until it is disposed of.</summary>
    /// <exception cref="CliException">One is there.</exception>
    public IDisposable Lock() => PartyLock.Take(_path, Membership.Code.Name);

    /// <summary>Of which data the party trains for its run; null before the first.</summary>
    /// <exception cref="CliException">The file is something else.</exception>
    public RunData? ReadRunData()
    {
        var file = Path.Combine(_path, RunFile);
        try
        {
            return PartyFiles.TryRead(file) is { } text ? Json.Read<RunData>(text) ?? throw new JsonException() : null;
        }
        catch (JsonException exception)
        {
            throw new CliException(ExitCode.Failed, $"{file} does not say of which data the party trains.", "Remove the file once no run is under way.", exception);
        }
    }

    /// <summary>Keeps of which data the party trains, on the disk before it returns.</summary>
    public void WriteRunData(RunData data) => PartyFiles.Write(Path.Combine(_path, RunFile), Json.Indented(data));

    /// <summary>Hashes of the public keys of other clients, by their numbers, as they were first seen.</summary>
    public string PeersPath => Path.Combine(_path, PeersFile);

    /// <summary>Ids of items that the catalogue does not have, one a line.</summary>
    public string UnmatchedPath => Path.Combine(_path, "unmatched.txt");

    /// <summary>Lists items that the catalogue does not have, for the party's owner only.</summary>
    public void WriteUnmatched(IReadOnlyList<string> items) => PartyFiles.Write(UnmatchedPath, string.Concat(items.Select(item => item + "\n")));

    private ECDsa ReadKey(string name)
    {
        var file = Path.Combine(_path, name);
        var text = PartyFiles.TryRead(file) ?? throw Lost(file, "it is not there", cause: null);
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(text);
            return key;
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw Lost(file, "it holds no private key in PEM", exception);
        }
    }

    private static PartyFileException Lost(string file, string why, Exception? cause) => new(file, "cannot be read", why, cause,
        "Put it back from a copy. Where there is none, the operator forgets the party and invites it again, and it joins in another folder (--folder): another key is another party.");

    private static PartyMembership? TryParse(string text)
    {
        try
        {
            return Json.Read<PartyMembership>(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static PartyFolder Write(string path, PartyMembership membership)
    {
        PartyFiles.Write(Path.Combine(path, PartyFile), Json.Indented(membership with { Code = membership.Code with { Secret = [] } }));
        return new PartyFolder(path, membership);
    }
}

/// <summary>Where a party belongs to, and where its data is.</summary>
/// <param name="Code">The invitation; without its secret once it is stored.</param>
/// <param name="Data">File or folder of its interactions.</param>
/// <param name="Reading">What the file does not tell itself.</param>
internal sealed record PartyMembership(PartyCode Code, string Data, ReadingOptions Reading)
{
    /// <summary>Whether items are found in the catalogue by their titles, or else by their ids. Default: false.</summary>
    public bool MatchesTitles { get; init; }

    /// <summary>File of the key under which the catalogue's ids are hashes; null where they are none. Default: null.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Whether items are found in the catalogue by their ids, as they are.</summary>
    [JsonIgnore] public bool MatchesById => !MatchesTitles && KeyFile is null;
}

/// <summary>Of which data a party trains for a run: all its rounds are about the same.</summary>
/// <param name="Run">The run.</param>
/// <param name="Configuration">Hash of its settings: a federation that was made anew has a run of the same name.</param>
/// <param name="Fingerprint">Of the data, see <see cref="Grains.RemoteParties.RemoteTrainer.Fingerprint"/>.</param>
internal sealed record RunData(string Run, string Configuration, string Fingerprint)
{
    /// <summary>Where the data ended, in a file of lines that is appended to; null for others. Default: null.</summary>
    public FileMark? Mark { get; init; }

    /// <summary>Whether it is of the same run, be the data what it may.</summary>
    public bool IsOf(RunData other) => (Run, Configuration) == (other.Run, other.Configuration);

    /// <summary>Whether it is of the same run and the same data.</summary>
    public bool IsAs(RunData other) => IsOf(other) && Fingerprint == other.Fingerprint;
}
