using System.Collections.Immutable;
using System.Text.Json;

namespace FedRec.Hosting;

/// <summary>The right to open a store: one process at a time has it, and tells the others how to reach it.</summary>
/// <remarks>The right is a file lock, which the system takes back when the process ends in whatever way; so an instance file
/// without a lock is a leftover, and nobody has to guess whether a process id is still the same process.</remarks>
internal sealed class InstanceLease : IDisposable
{
    private readonly FileStream _lock;
    private readonly string _file;

    private InstanceLease(FileStream held, string file) => (_lock, _file) = (held, file);

    /// <summary>Takes the right, or returns null when another process has it.</summary>
    /// <exception cref="StorageSetupException">The folder cannot be used.</exception>
    public static InstanceLease? TryAcquire(string folder, string store)
    {
        var file = InstanceFile(folder, store);
        try
        {
            Directory.CreateDirectory(folder);
            var held = new FileStream(Path.ChangeExtension(file, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.Delete(file);
            File.Delete(StopFile(folder, store)); // meant for an earlier process
            return new InstanceLease(held, file);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException) && IsLocked(folder, store))
        {
            return null;
        }
        catch (Exception e) when (FileFailure.Is(e))
        {
            throw new StorageSetupException($"The data folder {folder} cannot be used: {FileFailure.Cause(e, folder, isFolder: true)}.", $"Give another one (FEDREC_DATA_HOME), {StorageSetupException.OtherWays}", e);
        }
    }

    /// <summary>The process that has the right; null when there is none or it has not said so yet.</summary>
    public static Instance? Read(string folder, string store)
    {
        try
        {
            return JsonSerializer.Deserialize<Instance>(File.ReadAllBytes(InstanceFile(folder, store)), JsonSerializerOptions.Web);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null; // the owner is starting, or ended this moment
        }
    }

    /// <summary>Tells the others how to reach this process.</summary>
    public void Publish(Instance instance)
    {
        var partial = _file + ".partial";
        File.WriteAllBytes(partial, JsonSerializer.SerializeToUtf8Bytes(instance, JsonSerializerOptions.Web));
        File.Move(partial, _file, overwrite: true);
    }

    /// <summary>Asks the process that has the right to end.</summary>
    public static void RequestStop(string folder, string store) => File.WriteAllBytes(StopFile(folder, store), []);

    /// <summary>Whether somebody has asked this process to end.</summary>
    public bool IsStopRequested => File.Exists(Path.ChangeExtension(_file, ".stop"));

    /// <summary>Whether some process has the right.</summary>
    public static bool IsTaken(string folder, string store) => File.Exists(Path.ChangeExtension(InstanceFile(folder, store), ".lock")) && IsLocked(folder, store);

    public void Dispose()
    {
        File.Delete(_file);
        File.Delete(Path.ChangeExtension(_file, ".stop"));
        _lock.Dispose();
    }

    private static bool IsLocked(string folder, string store)
    {
        try
        {
            using var probe = new FileStream(Path.ChangeExtension(InstanceFile(folder, store), ".lock"), FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException))
        {
            return true;
        }
    }

    private static string StopFile(string folder, string store) => Path.ChangeExtension(InstanceFile(folder, store), ".stop");

    private static string InstanceFile(string folder, string store) => Path.Combine(folder, $"instance-{store}.json");
}

/// <summary>The FedRec process that owns a store, as it tells the others.</summary>
/// <param name="ProcessId">Its process.</param>
/// <param name="Program">What it is, such as <c>fedrec demo</c> or the name of a host.</param>
/// <param name="Stays">Whether it is up until somebody ends it; otherwise it takes its silo with it when it is done.</param>
/// <param name="GatewayPorts">Where clients of its cluster connect on this machine.</param>
/// <param name="Web">Its web front end, or null.</param>
/// <param name="StartedAt">When.</param>
/// <param name="Parties">Where parties come in; null when it has no way in for other machines.</param>
internal sealed record Instance(int ProcessId, string Program, bool Stays, ImmutableArray<int> GatewayPorts, string? Web, DateTimeOffset StartedAt, PartyAddress? Parties = null);

/// <summary>Where parties with a process of their own reach a FedRec.</summary>
/// <param name="Url">Such as <c>https://fedrec.example.org/</c>.</param>
/// <param name="Pin">SHA-256 of the public key of the certificate there, in hexadecimal; empty for one that everybody trusts.</param>
internal sealed record PartyAddress(Uri Url, string Pin);
