using FedRec.Contracts.Runs;

namespace FedRec.Cli.Simulation;

/// <summary>What people call the data of a run.</summary>
internal static class DataName
{
    /// <summary>The folder of a file that is called like many others, else the file's own name.</summary>
    public static string Of(DataSpec data)
    {
        if (data.Path is not { } path)
        {
            return "synthetic";
        }

        var name = Path.GetFileNameWithoutExtension(path);
        var common = name is "u" or "ratings" or "interactions";
        return Directory.Exists(path) ? Path.GetFileName(Path.TrimEndingDirectorySeparator(path))
            : common && Path.GetFileName(Path.GetDirectoryName(path)) is { Length: > 0 } folder ? folder
            : name;
    }
}
