namespace FedRec.Cli.Azurite;

/// <summary>Where the local storage emulator is installed and keeps its data, and how long it may take.</summary>
internal sealed record AzuriteOptions
{
    /// <summary>Folder of everything FedRec keeps for a user: <c>$XDG_DATA_HOME/fedrec</c> or <c>~/.local/share/fedrec</c>, and the like elsewhere.</summary>
    public static string UserFolder
    {
        get
        {
            var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
            return data.Length > 0
                ? Path.Combine(data, "fedrec")
                : throw new StorageSetupException($"There is no home folder to keep data in: set HOME or XDG_DATA_HOME, {StorageSetupException.OtherWays}");
        }
    }

    /// <summary>Keeps the blobs between starts; null keeps them in memory until the emulator stops. Default: <c>blobs</c> in <see cref="UserFolder"/>.</summary>
    public string? DataFolder { get; init; } = Path.Combine(UserFolder, "blobs");

    /// <summary>Holds one folder per installed version. Default: <c>tools</c> in <see cref="UserFolder"/>.</summary>
    public string InstallFolder { get; init; } = Path.Combine(UserFolder, "tools");

    /// <summary>Folders in which <c>node</c> and <c>npm</c> are looked for, as in PATH. Default: PATH.</summary>
    public string SearchPath { get; init; } = Environment.GetEnvironmentVariable("PATH") ?? "";

    /// <summary>Longest wait for an installation. Default: 10 minutes.</summary>
    public TimeSpan InstallTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Longest wait for another FedRec process that is about to let go of the data folder. Default: 3 s.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Longest wait until the emulator listens, or until a stopping one has let go of the data. Default: 60 s.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest wait until the emulator has saved and ended, after which it is killed. Default: 15 s.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(15);
}
