using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace FedRec.Cli.Azurite;

/// <summary>Who serves a data folder, written beside the data for the next process that wants it.</summary>
/// <param name="FedRecPid">Process that started the emulator.</param>
/// <param name="EmulatorPid">The emulator's process.</param>
/// <param name="EmulatorStarted">When it started; a process id alone may be used again by another process.</param>
/// <param name="Endpoint">Where it listens.</param>
internal sealed record AzuriteOwner(int FedRecPid, int EmulatorPid, DateTimeOffset EmulatorStarted, Uri Endpoint)
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
