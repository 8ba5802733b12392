using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using FedRec.Cli.Output;

namespace FedRec.Cli.Simulation;

/// <summary>The folder in which a simulation leaves everything: written beside its place and moved there when it is complete.</summary>
internal sealed class RunFolder
{
    private RunFolder(string place) => (Place, Path) = (place, place + ".partial");

    /// <summary>Where the files are while the folder is not complete.</summary>
    public string Path { get; }

    /// <summary>Where the complete folder will be.</summary>
    public string Place { get; private set; }

    /// <summary>Makes the folder now, so that a place that cannot be written to is known before the training.</summary>
    /// <param name="place">Where the complete folder will be.</param>
    /// <exception cref="CliException">Something is there already, or the place cannot be written to.</exception>
    public static RunFolder Create(string place)
    {
        RequireEmpty(place);
        var folder = new RunFolder(System.IO.Path.TrimEndingDirectorySeparator(place));
        try
        {
            if (Directory.Exists(folder.Path))
            {
                Directory.Delete(folder.Path, recursive: true);
            }

            Directory.CreateDirectory(folder.Path);
            folder.WriteText("env.json", Json.Indented(RunEnvironment.Describe()));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Failed, $"The run folder {place} cannot be written: {e.Message}", "Give another folder with --out, or free some space; nothing was trained.", e);
        }

        return folder;
    }

    /// <summary>Chooses the name after the fact, as the run's id is only known when it was accepted; with a number behind it where another run of the same second has it.</summary>
    /// <returns>Where the complete folder will be.</returns>
    public string NameAfter(string name)
    {
        var place = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Place)!, name);
        var number = 1;
        for (Place = place; Directory.Exists(Place) || System.IO.File.Exists(Place); Place = $"{place}-{++number}")
        {
        }

        return Place;
    }

    public string File(params string[] names)
    {
        var file = System.IO.Path.Combine([Path, .. names]);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        return file;
    }

    public void WriteText(string name, string text) => System.IO.File.WriteAllText(File(name), text + "\n", new UTF8Encoding(false));

    /// <summary>Moves the folder to its place in one step.</summary>
    public void Complete()
    {
        if (Directory.Exists(Place))
        {
            Directory.Delete(Place); // empty: checked when it was chosen, and a folder with content is not deleted
        }

        Directory.Move(Path, Place);
    }

    /// <summary>After a failure: keeps the results there are, and removes a folder without any.</summary>
    public void GiveUp(Action<string> say)
    {
        if (!Directory.Exists(Path))
        {
            return;
        }

        if (Directory.EnumerateFiles(Path, "metrics.jsonl", SearchOption.AllDirectories).Any())
        {
            say($"What was finished is in {Path}");
        }
        else
        {
            Directory.Delete(Path, recursive: true);
        }
    }

    /// <summary>A name that tells what was run and when.</summary>
    public static string DefaultName(string federation, string runId, DateTimeOffset at) =>
        string.Create(CultureInfo.InvariantCulture, $"{federation}-{runId}-{at:yyyyMMdd-HHmmss}");

    private static string RequireEmpty(string place) =>
        System.IO.File.Exists(place) ? throw new CliException(ExitCode.Failed, $"The run folder {place} is a file.", "Give another folder with --out.")
        : Directory.Exists(place) && Directory.EnumerateFileSystemEntries(place).Any() ? throw new CliException(ExitCode.Failed, $"The run folder {place} is not empty.", "Give a new folder with --out; FedRec overwrites no results.")
        : place;
}

/// <summary>Everything a simulation was told, with defaults filled in and secrets left out.</summary>
internal static class ResolvedConfiguration
{
    public static string ToJson(CommandContext context, SimulationPlan plan) => Json.Indented(new
    {
        plan.Runs,
        plan.Cutoffs,
        plan.Baselines,
        plan.Recommendations,
        Settings = context.Settings.Keys.ToDictionary(key => key.Key, key => new
        {
            Value = key.Show(),
            Origin = context.Settings.Given.TryGetValue(key.Key, out var setting) ? setting.Origin : "default",
        }),
    });
}

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
