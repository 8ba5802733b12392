using FedRec.Hosting.Configuration;
using FedRec.Storage.Encryption;

namespace FedRec.Hosting;

/// <summary>Encryption of what is kept in blobs; section <c>FedRec:Storage:Encryption</c>. It is on where there are keys.</summary>
public sealed class EncryptionOptions
{
    /// <summary>File with the keys, a line <c>id base64</c> for each; the last one writes, all of them read. Nobody but its user and group may read it. A changed file counts at once.
    /// Default: empty.</summary>
    public string KeyFile { get; set; } = "";

    /// <summary>The lines themselves in place of a file, separated by semicolons. A secret: best set as <c>FEDREC__Storage__Encryption__Keys</c>. Default: none.</summary>
    [Secret] public string Keys { get; set; } = "";

    /// <summary>Whether blobs that are not encrypted are read, while a store of a time before encryption is written again bit by bit. Default: false, as somebody else may have written them.</summary>
    public bool AllowPlain { get; set; }

    /// <summary>Whether there are keys.</summary>
    internal bool IsOn => KeyFile.Length > 0 || Keys.Length > 0;

    /// <summary>What cannot be together; null for nothing.</summary>
    internal string? Wrong() => KeyFile.Length > 0 && Keys.Length > 0 ? "FedRec:Storage:Encryption:KeyFile and FedRec:Storage:Encryption:Keys both hold the keys. Leave one of them out."
        : AllowPlain && !IsOn ? "FedRec:Storage:Encryption:AllowPlain is for a store with keys, and there are none: set FedRec:Storage:Encryption:KeyFile, or leave it out."
        : null;
}

/// <summary>Finds the keys that a host's options say.</summary>
internal static class StorageKeys
{
    /// <summary>What encrypts a host's stores.</summary>
    /// <param name="options">With the keys.</param>
    /// <param name="say">Told what is not as it should be, in whole sentences.</param>
    /// <exception cref="SettingException">The keys cannot be read, or are none.</exception>
    public static BlobCipher CipherOf(FedRecOptions options, Action<string> say)
    {
        var encryption = options.Encryption;
        if (!encryption.IsOn)
        {
            return BlobCipher.None;
        }

        if (encryption.KeyFile.Length > 0)
        {
            return new BlobCipher(new StorageKeyFile(Path.GetFullPath(encryption.KeyFile, options.Here), say).Read, encryption.AllowPlain, say);
        }

        var ring = Usable("FedRec:Storage:Encryption:Keys", () => KeyRing.Parse(encryption.Keys));
        return new BlobCipher(() => ring, encryption.AllowPlain, say);
    }

    /// <summary>Reads keys, and says where they stand if they cannot be used.</summary>
    /// <exception cref="SettingException">They cannot be read, or are none.</exception>
    internal static KeyRing Usable(string where, Func<KeyRing> read)
    {
        try
        {
            return read();
        }
        catch (ArgumentException e)
        {
            throw new SettingException($"{where} holds no storage keys: {e.Message.Split(" (Parameter")[0]}", "'fedrec store key create FILE' makes such a file.");
        }
    }
}

/// <summary>A file with storage keys that may be changed while it is in use.</summary>
/// <remarks>Looked at with each blob, which costs microseconds beside the blob's milliseconds, and read when it is another one. One that has become unusable changes nothing: what it held goes on.</remarks>
internal sealed class StorageKeyFile
{
    private readonly string _path;
    private readonly Action<string> _say;
    private volatile Content _known;

    /// <param name="path">The file.</param>
    /// <param name="say">Told when a change cannot be used.</param>
    /// <exception cref="SettingException">It cannot be read, others may read it, or it holds no keys.</exception>
    public StorageKeyFile(string path, Action<string> say)
    {
        (_path, _say) = (path, say);
        var state = StateOf(path); // before it is read: a change in between is seen the next time
        _known = new Content(state, Load(path));
    }

    /// <summary>The keys as they are now.</summary>
    public KeyRing Read()
    {
        var (state, known) = (StateOf(_path), _known);
        if (state == known.State)
        {
            return known.Keys;
        }

        try
        {
            _known = new Content(state, Load(_path));
        }
        catch (SettingException e)
        {
            _known = known with { State = state }; // told once
            _say($"{e.Message} The keys that it held before go on.");
        }

        return _known.Keys;
    }

    /// <summary>Reads a key file.</summary>
    /// <inheritdoc cref="StorageKeyFile(string, Action{string})"/>
    public static KeyRing Load(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & Others) != UnixFileMode.None)
            {
                throw new SettingException($"Others than its user may read or change the storage keys in {path}.", $"Take that away (chmod 600 {path}); if somebody has read them, add a new key ('fedrec store key add').");
            }

            using var reader = new StreamReader(file);
            var text = reader.ReadToEnd();
            return StorageKeys.Usable(path, () => KeyRing.Parse(text));
        }
        catch (Exception e) when (FileFailure.Is(e))
        {
            throw new SettingException($"The storage keys in {path} cannot be read: {FileFailure.Cause(e, path)}.", "FedRec:Storage:Encryption:KeyFile names the file; 'fedrec store key create FILE' makes one.");
        }
    }

    /// <summary>Writes a key file that nobody else may read, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="keys">What it is to hold.</param>
    /// <param name="replaces">Whether there may be one; otherwise one that is there is an error.</param>
    /// <exception cref="IOException">It is there, or cannot be written.</exception>
    public static void Save(string path, KeyRing keys, bool replaces)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var mine = $"{path}.{Guid.NewGuid():N}";
        try
        {
            using (var file = new FileStream(mine, options))
            {
                using var writer = new StreamWriter(file);
                writer.Write("# Storage keys of FedRec: id and 32 bytes in base64. The last one writes, all of them read. Whoever has this file reads the store.\n");
                foreach (var key in keys.Keys)
                {
                    writer.Write($"{key.Reveal()}\n");
                }

                writer.Flush();
                file.Flush(flushToDisk: true);
            }

            File.Move(mine, path, replaces);
        }
        finally
        {
            File.Delete(mine); // gone, unless it could not be put in place
        }
    }

    // A group may read it: that is how containers are given secrets.
    private const UnixFileMode Others = UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private static (DateTime Written, long Length) StateOf(string path)
    {
        var file = new FileInfo(path);
        file = file.Exists && file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target ? target : file; // a mounted secret is a link
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
    }

    private sealed record Content((DateTime Written, long Length) State, KeyRing Keys);
}
