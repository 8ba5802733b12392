using System.Diagnostics;
using FedRec.Hosting.Azurite;

namespace FedRec.Integration.Tests.Storage;

/// <summary>A process that starts the emulator and waits to be killed: the test program with a data folder as its argument.</summary>
internal static class EmulatorOwner
{
    public static async Task Main(string[] arguments)
    {
        var azurite = await AzuriteProcess.StartAsync(new AzuriteOptions { DataFolder = arguments[0] });
        Console.WriteLine(azurite.ProcessId);
        Console.WriteLine(azurite.ConnectionString);
        await azurite.Completion;
    }

    public static Process Start(string dataFolder) => Process.Start(
        new ProcessStartInfo("dotnet", [typeof(EmulatorOwner).Assembly.Location, dataFolder]) { RedirectStandardOutput = true })!;
}
