using System.Security.Cryptography;
using System.Text.Json;

namespace FedRec.Hosting.Azurite;

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

/// <summary>Where an emulator listens; the ports are others at every start.</summary>
/// <param name="Blob">Address of the blob service.</param>
/// <param name="Table">Address of the table service.</param>
internal sealed record AzuriteEndpoints(Uri Blob, Uri Table)
{
    /// <summary>The one account the emulator has.</summary>
    public const string Account = "devstoreaccount1";

    /// <summary>A key for one emulator and its clients: the published one would let every user of this machine in.</summary>
    public static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(64));

    /// <summary>For <c>BlobServiceClient</c> and <c>TableServiceClient</c>.</summary>
    public string ConnectionString(string accountKey) =>
        $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={accountKey};BlobEndpoint={Address(Blob)};TableEndpoint={Address(Table)};";

    private static string Address(Uri service) => $"{service.GetLeftPart(UriPartial.Authority)}/{Account}";
}

/// <summary>One line that the emulator says, of which one member is set.</summary>
/// <param name="Blob">It listens: address of the blob service.</param>
/// <param name="Table">And of the table service.</param>
/// <param name="SaveFailed">It could not save its databases, and why.</param>
/// <param name="Saved">It could again.</param>
internal sealed record EmulatorWord(Uri? Blob, Uri? Table, string? SaveFailed, bool Saved)
{
    /// <summary>Reads a line; null for what is meant for people.</summary>
    public static EmulatorWord? Read(string line) => line.StartsWith('{') ? JsonSerializer.Deserialize<EmulatorWord>(line, JsonSerializerOptions.Web) : null;

    /// <summary>Where it listens; null when it says something else.</summary>
    public AzuriteEndpoints? Endpoints => Blob is not null && Table is not null ? new AzuriteEndpoints(Blob, Table) : null;
}
