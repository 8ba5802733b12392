using System.Security.Cryptography;

namespace FedRec.Core.Native;

/// <summary>Keeps a changed copy of a native library in a folder that only this user can write.</summary>
/// <remarks>Never beside the original: output folders hold hard links to the package cache, so that would change every project's
/// library. The name follows from the content, and a present copy is compared in full, so a torn or foreign file is replaced.</remarks>
internal static class PrivateCopy
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The user's cache folder for native libraries: below <c>XDG_CACHE_HOME</c>, or <c>~/.cache</c>.</summary>
    /// <exception cref="IOException">The user has neither.</exception>
    public static string DefaultFolder()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(cache))
        {
            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            cache = home.Length > 0
                ? Path.Combine(home, ".cache")
                : throw new IOException("There is no cache folder for the native torch library: set HOME or XDG_CACHE_HOME.");
        }

        return Path.Combine(cache, "fedrec", "native");
    }

    /// <summary>Makes sure that the copy is there; safe to call from many processes at once.</summary>
    /// <param name="folder">Created when missing, for the owner only.</param>
    /// <param name="name">File name without extension.</param>
    /// <param name="content">The changed library.</param>
    /// <returns>Path of the copy.</returns>
    public static string Write(string folder, string name, ReadOnlySpan<byte> content)
    {
        var path = Path.Combine(folder, $"{name}-{Convert.ToHexStringLower(SHA256.HashData(content))[..16]}.so");
        if (Holds(path, content))
        {
            return path;
        }

        CreateFolder(folder);
        var unfinished = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        try
        {
            File.WriteAllBytes(unfinished, content);
            File.Move(unfinished, path, overwrite: true); // atomic: nobody sees half a library
        }
        finally
        {
            File.Delete(unfinished);
        }

        return path;
    }

    private static bool Holds(string path, ReadOnlySpan<byte> content)
    {
        try
        {
            return File.ReadAllBytes(path).AsSpan().SequenceEqual(content);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnerOnly);
        }
    }
}
