namespace FedRec.Hosting.Azurite;

/// <summary>Lets one process at a time work in a folder; the operating system releases it when the process ends, however it ends.</summary>
internal sealed class FolderLock : IDisposable
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(100);
    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <summary>Takes the lock, or gives null when another process has it.</summary>
    /// <param name="path">The lock file; it stays behind, because deleting it would let two processes lock two files of one name.</param>
    /// <exception cref="StorageSetupException">The file cannot be made.</exception>
    public static FolderLock? TryTake(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return new FolderLock(new FileStream(path, OwnerOnly.Open(FileMode.OpenOrCreate)));
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException) && File.Exists(path))
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new StorageSetupException($"Cannot write in {Path.GetDirectoryName(path)}: {e.Message} Give FedRec a folder it may write in, {StorageSetupException.OtherWays}", e);
        }
    }

    /// <summary>Takes the lock as soon as it is free.</summary>
    /// <param name="path">The lock file.</param>
    /// <param name="onWait">Called once when another process has it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<FolderLock> TakeAsync(string path, Action onWait, CancellationToken cancellationToken)
    {
        for (var first = true; ; first = false)
        {
            if (TryTake(path) is { } taken)
            {
                return taken;
            }

            if (first)
            {
                onWait();
            }

            await Task.Delay(s_poll, cancellationToken);
        }
    }

    public void Dispose() => _file.Dispose();
}

/// <summary>Folders and files that only their owner may enter and read. On Windows the user's folder is that already.</summary>
internal static class OwnerOnly
{
    private const UnixFileMode File = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Folder = File | UnixFileMode.UserExecute;

    /// <summary>How to open a file that is made when it is missing.</summary>
    public static FileStreamOptions Open(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = File;
        }

        return options;
    }

    /// <summary>Closes a folder and everything in it, also what an earlier version made, to others.</summary>
    public static void Restrict(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var root = new DirectoryInfo(folder) { UnixFileMode = Folder };
        foreach (var entry in root.EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Where(entry => entry.LinkTarget is null))
        {
            entry.UnixFileMode = entry is DirectoryInfo ? Folder : File;
        }
    }
}
