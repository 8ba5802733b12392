using FedRec.Core.Randomness;
using FedRec.Grains.Privacy;

namespace FedRec.Hosting;

/// <summary>What private runs need; section <c>FedRec:Privacy</c>.</summary>
public sealed class PrivacyOptions
{
    /// <summary>File of 32 random bytes that nobody but the silos may read, the same for every silo of a cluster: from it the draws and the noise of private runs follow. Default: empty, which is
    /// <c>secret.key</c> in the data folder of this machine, made when it is first needed; silos of a named cluster (<c>FedRec:Silo:Cluster</c>) have none without it.</summary>
    public string KeyFile { get; set; } = "";
}

/// <summary>Finds the key that a host's options say.</summary>
internal static class SecretKeyFile
{
    private const string UsualName = "secret.key";

    /// <summary>The secret of a host's silo; its file is not opened before it is needed.</summary>
    public static SiloSecret Of(FedRecOptions options) => options.Storage.ResolvedKind == "memory" && options.Privacy.KeyFile.Length == 0 ? new SiloSecret(SecretKey.New) // nothing goes on after this process
        : options.Privacy.KeyFile.Length > 0 ? new SiloSecret(() => Read(Path.GetFullPath(options.Privacy.KeyFile, options.Here)))
        : options.Silo.Cluster.Length > 0 ? SiloSecret.None
        : new SiloSecret(() => ReadOrMake(Path.Combine(options.Data, UsualName)));

    /// <summary>Reads a key, or makes one that nobody else may read.</summary>
    /// <exception cref="ArgumentException">It cannot be read or made, or is none.</exception>
    internal static SecretKey ReadOrMake(string path)
    {
        if (!File.Exists(path))
        {
            var mine = $"{path}.{Guid.NewGuid():N}";
            Try(path, () =>
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                WriteNew(mine);
                try
                {
                    File.Move(mine, path, overwrite: false); // whole, or not there
                }
                catch (IOException) when (File.Exists(path)) // another process was first: its key is the key
                {
                    File.Delete(mine);
                }

                return true;
            });
        }

        return Read(path);
    }

    /// <summary>Reads a key.</summary>
    /// <exception cref="ArgumentException">It cannot be read, or is none.</exception>
    internal static SecretKey Read(string path)
    {
        var bytes = Try(path, () => File.ReadAllBytes(path));
        return bytes.Length == SecretKey.Length ? new SecretKey(bytes)
            : throw new ArgumentException($"{path} has {bytes.Length} bytes; a secret key has {SecretKey.Length}, from a source that nobody can guess (head -c {SecretKey.Length} /dev/urandom > FILE). FedRec:Privacy:KeyFile names it.");
    }

    private static void WriteNew(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(path, options);
        file.Write(System.Security.Cryptography.RandomNumberGenerator.GetBytes(SecretKey.Length));
        file.Flush(flushToDisk: true);
    }

    private static T Try<T>(string path, Func<T> access)
    {
        try
        {
            return access();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"The secret key for private runs, {path}, cannot be used: {exception.Message} FedRec:Privacy:KeyFile names another file.", exception);
        }
    }
}
