using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FedRec.Cli.Simulation;

/// <summary>What a result may depend on beside its configuration: program, runtime, machine.</summary>
internal sealed record RunEnvironment(
    string FedRec, string Runtime, string OperatingSystem, string Architecture, int Processors, int VectorBits, double MemoryGigabytes, bool ServerGc, DateTimeOffset StartedAt)
{
    public static RunEnvironment Describe() => new(
        Version,
        RuntimeInformation.FrameworkDescription,
        RuntimeInformation.OSDescription,
        RuntimeInformation.ProcessArchitecture.ToString(),
        Environment.ProcessorCount,
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128,
        Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9, 1),
        System.Runtime.GCSettings.IsServerGC,
        DateTimeOffset.UtcNow);

    /// <summary>Version of the program with the revision it was built from.</summary>
    public static string Version =>
        typeof(RunEnvironment).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
