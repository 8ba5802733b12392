using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace FedRec.Hosting.Azurite;

/// <summary>The Node.js programs that install and run the emulator.</summary>
/// <param name="Node">Full path of <c>node</c>.</param>
/// <param name="SearchPath">Where it was found, as in PATH.</param>
internal sealed record NodeTools(string Node, string SearchPath)
{
    /// <summary>Oldest Node.js that the pinned emulator's dependencies allow.</summary>
    public const int MinMajorVersion = 20;

    /// <summary>Finds Node.js and checks its version.</summary>
    /// <exception cref="StorageSetupException">Missing, too old or broken.</exception>
    public static async Task<NodeTools> FindAsync(string searchPath, CancellationToken cancellationToken)
    {
        var node = FindProgram("node", searchPath) ?? throw new StorageSetupException(
            $"Node.js was not found in PATH; FedRec needs it to run its local storage emulator. Install Node.js {MinMajorVersion} or newer (https://nodejs.org), {StorageSetupException.OtherWays}");
        var version = await VersionAsync(node, cancellationToken);
        var major = version.TrimStart('v').Split('.')[0];
        return int.TryParse(major, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= MinMajorVersion
            ? new NodeTools(node, searchPath)
            : throw new StorageSetupException(
                $"{node} is Node.js '{version}'; the local storage emulator needs {MinMajorVersion} or newer. Install a newer Node.js, {StorageSetupException.OtherWays}");
    }

    /// <summary>Finds npm, which only an installation needs.</summary>
    /// <exception cref="StorageSetupException">Missing.</exception>
    public string FindNpm() => FindProgram("npm", SearchPath) ?? throw new StorageSetupException(
        $"Node.js is here ({Node}) but npm was not found in PATH; FedRec needs it once to install its local storage emulator. Install npm, {StorageSetupException.OtherWays}");

    private static async Task<string> VersionAsync(string node, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(node, ["--version"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(TimeSpan.FromSeconds(20));
            return (await process.StandardOutput.ReadToEndAsync(limit.Token)).Trim();
        }
        catch (Exception e) when (e is Win32Exception || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new StorageSetupException($"{node} does not run ({e.Message}). Repair Node.js, {StorageSetupException.OtherWays}", e);
        }
    }

    private static string? FindProgram(string name, string searchPath)
    {
        string[] files = OperatingSystem.IsWindows() ? [$"{name}.exe", $"{name}.cmd"] : [name];
        return searchPath.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .SelectMany(folder => files.Select(file => Path.Combine(folder, file)))
            .FirstOrDefault(IsProgram);
    }

    private static bool IsProgram(string path) =>
        File.Exists(path)
        && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);
}

/// <summary>Reads what a process says, so that it never waits for a reader, and keeps the last lines for an error message.</summary>
internal sealed class OutputTail
{
    private const int MaxLines = 15;
    private readonly Queue<string> _lines = [];

    /// <param name="process">Started, with both outputs redirected.</param>
    /// <param name="onLine">Called for each line of standard output.</param>
    /// <param name="onError">Called for each line of standard error; true for one that is not kept.</param>
    public OutputTail(Process process, Action<string>? onLine = null, Func<string, bool>? onError = null)
    {
        process.OutputDataReceived += (_, e) =>
        {
            Add(e.Data);
            if (e.Data is { } line)
            {
                onLine?.Invoke(line);
            }
        };
        process.ErrorDataReceived += (_, e) =>
        {
            if (e.Data is null || onError?.Invoke(e.Data) is not true)
            {
                Add(e.Data);
            }
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The last lines, joined by " | ".</summary>
    public override string ToString()
    {
        lock (_lines)
        {
            return _lines.Count == 0 ? "it said nothing" : string.Join(" | ", _lines);
        }
    }

    private void Add(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        lock (_lines)
        {
            _lines.Enqueue(line.Trim());
            if (_lines.Count > MaxLines)
            {
                _lines.Dequeue();
            }
        }
    }
}
