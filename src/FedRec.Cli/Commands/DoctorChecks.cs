using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using FedRec.Cli.Hosting;
using FedRec.Cli.Output;
using FedRec.Core.Native;
using FedRec.Core.Snapshots;
using FedRec.Hosting;
using FedRec.Hosting.Azurite;
using FedRec.Hosting.Configuration;

namespace FedRec.Cli.Commands;

/// <summary>Checks of runtime, processor, ports and disk.</summary>
internal static class MachineChecks
{
    private const long MinFreeBytes = 1_000_000_000;

    public static CheckResult Runtime() => new(".NET runtime", Environment.Version.Major >= 10, Required: true, $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription}",
        Environment.Version.Major >= 10 ? null : "Install the .NET 10 runtime with ASP.NET Core.");

    /// <summary>Only building FedRec from source needs it.</summary>
    public static async Task<CheckResult> SdkAsync(Terminal terminal, CancellationToken cancellationToken)
    {
        const string Fix = "Install the .NET SDK 10 to build FedRec from source; running it needs no SDK.";
        try
        {
            var start = new ProcessStartInfo("dotnet", ["--list-sdks"]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = terminal.Folder };
            using var process = Process.Start(start)!;
            var versions = (await process.StandardOutput.ReadToEndAsync(cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ')[0]).ToList();
            var ok = versions.Any(v => v.StartsWith("10.", StringComparison.Ordinal));
            return new CheckResult(".NET SDK", ok, Required: false, versions.Count == 0 ? "none" : string.Join(", ", versions), ok ? null : Fix);
        }
        catch (Win32Exception)
        {
            return new CheckResult(".NET SDK", Ok: false, Required: false, "dotnet is not in PATH", Fix);
        }
    }

    public static CheckResult Vectors() => new("vector instructions", Vector256.IsHardwareAccelerated, Required: false,
        Vector512.IsHardwareAccelerated ? "512 bits" : Vector256.IsHardwareAccelerated ? "256 bits" : "128 bits or fewer",
        Vector256.IsHardwareAccelerated ? null : "Training works but is slow; use a processor with AVX2.");

    /// <summary>Loads the native library for real; matrix factorisation does not need it, networks do.</summary>
    public static CheckResult NativeTorch()
    {
        try
        {
            TorchLoader.EnsureLoaded();
            return new CheckResult("native torch", Ok: true, Required: false, $"loaded, {RuntimeInformation.RuntimeIdentifier}");
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException or TypeInitializationException or IOException or UnauthorizedAccessException)
        {
            return new CheckResult("native torch", Ok: false, Required: false, exception.Message, "Only learners that are networks need it: use a 64-bit Linux, Windows or macOS that TorchSharp supports.");
        }
    }

    /// <summary>A port that our own demo listens on is not in the way.</summary>
    public static CheckResult WebPort(int port, Instance? running)
    {
        var own = running?.Web is { } web && new Uri(web).Port == port;
        var free = port == 0 || FreePorts.IsFree(port);
        return new CheckResult("web port", free || own, Required: false, own && !free ? $"{port}, used by '{running!.Program}' (process {running.ProcessId})" : free ? $"{port} is free" : $"{port} is taken by another program",
            free || own ? null : "Give another port with --port, or --set Web.Port=….");
    }

    public static CheckResult Writable(string home)
    {
        try
        {
            Directory.CreateDirectory(home);
            var probe = Path.Combine(home, $"doctor-{Environment.ProcessId}.tmp");
            try
            {
                File.WriteAllText(probe, "FedRec");
            }
            finally
            {
                File.Delete(probe); // a full disk takes its name, and not what is in it
            }

            return new CheckResult("data folder", Ok: true, Required: true, home);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new CheckResult("data folder", Ok: false, Required: true, e.Message, "Make the folder writable, or name another with the variable FEDREC_DATA_HOME.");
        }
    }

    public static CheckResult Disk(string home) => Disk(home, MinFreeBytes, $"Free some space: the emulator and its data need {Text.Bytes(MinFreeBytes)}.", "Name an existing place with the variable FEDREC_DATA_HOME.");

    /// <summary>Whether there is room in a folder.</summary>
    /// <param name="home">The folder.</param>
    /// <param name="least">Bytes that must be free.</param>
    /// <param name="free">What to do where they are not.</param>
    /// <param name="exist">What to do where there is no such folder.</param>
    public static CheckResult Disk(string home, long least, string free, string exist)
    {
        try
        {
            var there = new DriveInfo(home).AvailableFreeSpace;
            return new CheckResult("disk space", there >= least, Required: false, $"{Text.Bytes(there)} free", there >= least ? null : free);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new CheckResult("disk space", Ok: false, Required: false, e.Message, exist);
        }
    }
}

/// <summary>Checks of the storage emulator and of the store itself.</summary>
internal static class StoreChecks
{
    private const string Federation = "doctor";

    public static async Task<CheckResult> NodeAsync(Terminal terminal, CancellationToken cancellationToken)
    {
        try
        {
            var tools = await NodeTools.FindAsync(terminal.Variable("PATH") ?? "", cancellationToken);
            return new CheckResult("Node.js", Ok: true, Required: true, tools.Node);
        }
        catch (StorageSetupException e)
        {
            return new CheckResult("Node.js", Ok: false, Required: true, "not usable", e.Message);
        }
    }

    /// <summary>Writes, reads and deletes something small in the configured store.</summary>
    public static async Task<CheckResult> WriteAsync(CommandContext context, SessionPlan plan, CancellationToken cancellationToken)
    {
        var name = $"store ({plan.Storage})";
        if (plan.Storage == "memory")
        {
            return new CheckResult(name, Ok: true, Required: false, "kept in memory; nothing outlives the process");
        }

        using var lease = InstanceLease.TryAcquire(context.DataFolder, plan.Store);
        if (lease is null)
        {
            var owner = InstanceLease.Read(context.DataFolder, plan.Store);
            return new CheckResult(name, Ok: true, Required: true, owner is null ? "in use by another FedRec process" : $"in use by '{owner.Program}' (process {owner.ProcessId})");
        }

        try
        {
            await using var store = StoreAccess.StoreOf(context, plan);
            await store.OpenAsync(cancellationToken);
            await RoundTripAsync(store.Stores.CreateModels(), cancellationToken);
            return new CheckResult(name, Ok: true, Required: true, "written, read and deleted");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            var failure = Failure.From(e);
            return new CheckResult(name, Ok: false, Required: true, failure.What, failure.Next);
        }
    }

    /// <summary>Whether what is kept is encrypted. On one's own machine it need not be.</summary>
    public static CheckResult Encryption(SessionPlan plan)
    {
        const string Name = "encryption at rest";
        try
        {
            var key = new Stores(plan.Settings.Host, plan.Storage, hasTables: false).Cipher.WritingKey;
            return new CheckResult(Name, Ok: key is not null || plan.Storage != "blob", Required: false, key is null ? "off" : $"on, key {key} writes",
                key is null && plan.Storage == "blob" ? "Whoever reads the store reads what is in it: see 'fedrec store --help', or trust the encryption of the account." : null);
        }
        catch (SettingException e)
        {
            return new CheckResult(Name, Ok: false, Required: true, e.Message, e.Next);
        }
    }

    private static async Task RoundTripAsync(IModelStore store, CancellationToken cancellationToken)
    {
        var content = Encoding.UTF8.GetBytes("FedRec");
        var hash = Safetensors.Sha256(content);
        await store.SaveContentAsync(Federation, "probe", 1, hash, content, cancellationToken);
        await store.LoadContentAsync(Federation, "probe", 1, hash, cancellationToken);
        await store.DeleteVersionAsync(Federation, 1, cancellationToken);
    }
}
