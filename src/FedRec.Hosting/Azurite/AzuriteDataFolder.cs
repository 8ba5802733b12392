using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace FedRec.Hosting.Azurite;

/// <summary>The emulator's data folder while this process alone may use it.</summary>
internal sealed class AzuriteDataFolder : IDisposable
{
    private const string LockFile = "fedrec.lock";
    private readonly FolderLock _lock;

    private AzuriteDataFolder(string path, FolderLock taken) => (Path, _lock) = (path, taken);

    public string Path { get; }

    /// <summary>Takes the folder.</summary>
    /// <param name="path">Made when it is missing.</param>
    /// <param name="options">How long to wait for another FedRec process, and for an emulator that is still saving because its FedRec was killed.</param>
    /// <param name="progress">Told when there is a wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StorageSetupException">Another process serves the folder, or it cannot be written.</exception>
    public static async Task<AzuriteDataFolder> OpenAsync(string path, AzuriteOptions options, IProgress<SetupStep>? progress, CancellationToken cancellationToken)
    {
        var taken = await TakeLockAsync(path, options.LockTimeout, progress, cancellationToken);
        try
        {
            await WaitForLeftEmulatorAsync(path, options.StartTimeout, progress, cancellationToken);
            OwnerOnly.Restrict(path);
            return new AzuriteDataFolder(path, taken);
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <summary>The FedRec process that serves a folder now, or null.</summary>
    public static AzuriteOwner? FindOwner(string path)
    {
        var lockFile = System.IO.Path.Combine(path, LockFile);
        if (!File.Exists(lockFile))
        {
            return null;
        }

        using var free = FolderLock.TryTake(lockFile);
        return free is null ? AzuriteOwner.Read(path) : null;
    }

    /// <summary>Notes who serves the folder, for the next process that wants it.</summary>
    public void SetOwner(Process emulator, Uri endpoint, string connectionString) =>
        new AzuriteOwner(Environment.ProcessId, emulator.Id, emulator.StartTime.ToUniversalTime(), endpoint, connectionString).Write(Path);

    public void Dispose()
    {
        AzuriteOwner.Delete(Path);
        _lock.Dispose();
    }

    private static async Task<FolderLock> TakeLockAsync(string path, TimeSpan timeout, IProgress<SetupStep>? progress, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            return await FolderLock.TakeAsync(System.IO.Path.Combine(path, LockFile), () => progress?.Report($"Waiting for the FedRec process that uses {path}."), limit.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw InUse(path, e);
        }
    }

    // The lock dies with FedRec at once, but an emulator whose FedRec was killed still saves for a moment. Two on one folder lose data.
    private static async Task WaitForLeftEmulatorAsync(string path, TimeSpan timeout, IProgress<SetupStep>? progress, CancellationToken cancellationToken)
    {
        using var emulator = AzuriteOwner.Read(path)?.FindEmulator();
        if (emulator is null)
        {
            return;
        }

        progress?.Report("Waiting for the storage emulator of an earlier run to save its data.");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            await emulator.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StorageSetupException($"A storage emulator of an earlier run (process {emulator.Id}) does not let go of {path}. End that process and start again, {StorageSetupException.OtherWays}", e);
        }
    }

    private static StorageSetupException InUse(string path, Exception inner)
    {
        var owner = AzuriteOwner.Read(path);
        var who = owner is null ? "another FedRec process" : $"the FedRec process {owner.FedRecPid}, at {owner.Endpoint}";
        return new StorageSetupException($"The data folder {path} is in use by {who}. Stop that process, {StorageSetupException.OtherWays}", inner);
    }
}

/// <summary>Who serves a data folder, written beside the data for the next process that wants it.</summary>
/// <param name="FedRecPid">Process that started the emulator.</param>
/// <param name="EmulatorPid">The emulator's process.</param>
/// <param name="EmulatorStarted">When it started; a process id alone may be used again by another process.</param>
/// <param name="Endpoint">Where it listens.</param>
/// <param name="ConnectionString">For silos that join the owner's; it holds the key, which only the user can read, whose data it is.</param>
internal sealed record AzuriteOwner(int FedRecPid, int EmulatorPid, DateTimeOffset EmulatorStarted, Uri Endpoint, string ConnectionString = "")
{
    // Linux derives a start time from the age of the process, so two readers may differ a little.
    private static readonly TimeSpan s_startTolerance = TimeSpan.FromSeconds(5);

    private static string PathIn(string dataFolder) => Path.Combine(dataFolder, "fedrec-owner.json");

    public void Write(string dataFolder)
    {
        var partial = PathIn(dataFolder) + ".partial";
        using (var file = new FileStream(partial, OwnerOnly.Open(FileMode.Create)))
        {
            JsonSerializer.Serialize(file, this);
        }

        File.Move(partial, PathIn(dataFolder), overwrite: true);
    }

    /// <summary>Reads the note; null when there is none or it is not readable, as after a power cut.</summary>
    public static AzuriteOwner? Read(string dataFolder)
    {
        try
        {
            return JsonSerializer.Deserialize<AzuriteOwner>(File.ReadAllText(PathIn(dataFolder)));
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null;
        }
    }

    public static void Delete(string dataFolder) => File.Delete(PathIn(dataFolder));

    /// <summary>The emulator's process, or null when it has ended.</summary>
    public Process? FindEmulator()
    {
        try
        {
            var process = Process.GetProcessById(EmulatorPid);
            if (!process.HasExited && (process.StartTime.ToUniversalTime() - EmulatorStarted.UtcDateTime).Duration() < s_startTolerance)
            {
                return process;
            }

            process.Dispose();
            return null;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null; // it has ended, or its id is now another user's process
        }
    }
}
