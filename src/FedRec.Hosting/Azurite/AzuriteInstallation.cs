using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace FedRec.Hosting.Azurite;

/// <summary>The installed emulator, shared by all FedRec processes of a user.</summary>
/// <param name="Script">What node runs.</param>
/// <remarks>It is installed beside its place and moved there in one step, under a lock: a folder that exists is complete.</remarks>
internal sealed record AzuriteInstallation(string Script)
{
    private const string Sizes = "about 55 MB to load and 186 MB"; // measured for the pinned version
    private static readonly JsonSerializerOptions s_json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Finds the installation, or makes it with npm from the lock file.</summary>
    /// <exception cref="StorageSetupException">npm is missing or failed, or there is no space.</exception>
    public static async Task<AzuriteInstallation> EnsureAsync(AzuriteOptions options, NodeTools tools, IProgress<SetupStep>? progress, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(options.InstallFolder, AzuritePackage.FolderName);
        if (!Directory.Exists(folder))
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(options.InstallTimeout);
            try
            {
                await InstallAsync(folder, tools, progress, limit.Token);
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                throw Failed($"not finished after {options.InstallTimeout.TotalMinutes:0.#} minutes", e);
            }
        }

        AzuritePackage.WriteScriptsTo(folder);
        return new AzuriteInstallation(Path.Combine(folder, AzuritePackage.ScriptName));
    }

    /// <summary>How to start the emulator: on ports of this machine only, for whoever has the key, without telemetry.</summary>
    /// <param name="tools">Runs it.</param>
    /// <param name="dataFolder">Keeps the data; null for memory.</param>
    /// <param name="blobPort">Of the blob service; 0 takes a free one.</param>
    /// <param name="tablePort">Of the table service; 0 takes a free one.</param>
    /// <param name="accountKey">What its clients sign with.</param>
    public ProcessStartInfo StartInfo(NodeTools tools, string? dataFolder, int blobPort, int tablePort, string accountKey)
    {
        var start = new ProcessStartInfo(tools.Node, [Script, JsonSerializer.Serialize(new { location = dataFolder, blobPort, tablePort }, s_json)])
        {
            WorkingDirectory = Path.GetDirectoryName(Script)!,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["AZURITE_ACCOUNTS"] = $"{AzuriteEndpoints.Account}:{accountKey}"; // not an argument, which everybody can read
        return start;
    }

    private static async Task InstallAsync(string folder, NodeTools tools, IProgress<SetupStep>? progress, CancellationToken cancellationToken)
    {
        using var taken = await FolderLock.TakeAsync($"{folder}.lock", () => progress?.Report("Waiting for another FedRec process that installs the storage emulator."), cancellationToken);
        if (Directory.Exists(folder))
        {
            return;
        }

        var partial = $"{folder}.partial";
        try
        {
            DeleteIfThere(partial);
            Directory.CreateDirectory(partial);
            AzuritePackage.WriteTo(partial);
            progress?.Report($"Installing the storage emulator with npm, once per user: {AzuritePackage.Count} packages, {Sizes} in {folder}.");
            await RunNpmAsync(partial, tools, progress, cancellationToken);
            Directory.Move(partial, folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Win32Exception)
        {
            throw Failed(e.Message, e);
        }
    }

    // Left by a process that was killed while it installed; ours alone, as we have the lock.
    private static void DeleteIfThere(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task RunNpmAsync(string folder, NodeTools tools, IProgress<SetupStep>? progress, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(tools.FindNpm(), ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=http"])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = tools.SearchPath; // npm is itself a script that asks for node
        using var npm = Process.Start(start) ?? throw Failed("npm does not start");
        npm.StandardInput.Close();
        var loaded = 0;
        var lines = new OutputTail(npm, onError: line =>
        {
            if (IsPackage(line) && loaded < AzuritePackage.Count - 1) // the last one is there when npm has unpacked all
            {
                progress?.Report(Loaded(++loaded));
            }

            return line.StartsWith("npm http ", StringComparison.Ordinal); // tells nothing where npm fails
        });
        try
        {
            await npm.WaitForExitAsync(cancellationToken);
        }
        finally
        {
            if (!npm.HasExited)
            {
                npm.Kill(entireProcessTree: true);
            }
        }

        if (npm.ExitCode != 0)
        {
            throw Failed($"npm ended with code {npm.ExitCode}: {lines}");
        }

        progress?.Report(Loaded(AzuritePackage.Count));
    }

    // One line for each package, from the network or from npm's cache.
    private static bool IsPackage(string line) => line.StartsWith("npm http ", StringComparison.Ordinal) && line.Contains(".tgz", StringComparison.Ordinal);

    private static SetupStep Loaded(int count) => new("packages", count, AzuritePackage.Count);

    private static StorageSetupException Failed(string why, Exception? inner = null) => new(
        $"The local storage emulator could not be installed: {why}. Check the network, the npm registry and the free space and try again, {StorageSetupException.OtherWays}", inner);
}

/// <summary>What takes time while the emulator is set up: a whole sentence, or how far something has come.</summary>
/// <param name="Text">The sentence, or what is counted.</param>
/// <param name="Done">How many of it are done.</param>
/// <param name="Of">How many there are; 0 for a sentence.</param>
internal readonly record struct SetupStep(string Text, int Done = 0, int Of = 0)
{
    public static implicit operator SetupStep(string sentence) => new(sentence);
}

/// <summary>The files from <c>silo-config/azurite</c> that pin the emulator; embedded, so that FedRec runs from any folder.</summary>
internal static class AzuritePackage
{
    private static readonly string[] s_scripts = ["databases", "emulator"]; // the one that node runs is the last, and finds the other by its name
    private static readonly string[] s_files = ["package.json", "package-lock.json", ".npmrc"];

    private static readonly Lazy<int> s_count = new(CountLocked);

    /// <summary>Name of the folder of this installation: the version, and a hash of the files, so that a changed lock file is installed anew.</summary>
    public static string FolderName { get; } = $"azurite-{Version()}-{Hash(s_files)}";

    /// <summary>Name of the script that node runs, in that folder; another version of FedRec has its own beside it.</summary>
    public static string ScriptName => NameOf(s_scripts[^1]);

    /// <summary>How many packages npm installs.</summary>
    public static int Count => s_count.Value;

    /// <summary>Writes the files into a folder.</summary>
    public static void WriteTo(string folder)
    {
        foreach (var file in s_files)
        {
            File.WriteAllBytes(Path.Combine(folder, file), Read(file));
        }
    }

    /// <summary>Writes the scripts where they are missing.</summary>
    public static void WriteScriptsTo(string folder)
    {
        foreach (var script in s_scripts)
        {
            var path = Path.Combine(folder, NameOf(script));
            if (!File.Exists(path))
            {
                var partial = $"{path}.{Environment.ProcessId}";
                File.WriteAllBytes(partial, Read($"{script}.cjs"));
                File.Move(partial, path, overwrite: true); // whoever finds it finds all of it
            }
        }
    }

    private static string NameOf(string script) => $"{script}-{Hash([.. s_scripts.Select(name => $"{name}.cjs")])}.cjs";

    private static string Version()
    {
        using var json = JsonDocument.Parse(Read("package.json"));
        return json.RootElement.GetProperty("dependencies").GetProperty("azurite").GetString()!;
    }

    private static int CountLocked()
    {
        using var json = JsonDocument.Parse(Read("package-lock.json"));
        return json.RootElement.GetProperty("packages").EnumerateObject().Count(package => package.Name.Length > 0); // the nameless one is this package
    }

    private static string Hash(IEnumerable<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
        {
            hash.AppendData(Read(file));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 4));
    }

    private static byte[] Read(string file)
    {
        using var stream = typeof(AzuritePackage).Assembly.GetManifestResourceStream($"azurite/{file}")
            ?? throw new InvalidOperationException($"The program was built without silo-config/azurite/{file}.");
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
