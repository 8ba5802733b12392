namespace FedRec.Cli.Azurite;

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
