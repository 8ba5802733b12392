using FedRec.Hosting.Azurite;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.EndToEnd;

/// <summary>A data folder for built <c>fedrec</c> processes; the installed storage emulator is the user's, so that it is installed once.</summary>
public sealed class FedRecHome : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<FedRecProcess> _started = [];

    public FedRecHome()
    {
        Directory.CreateDirectory(AzuriteOptions.UserFolder);
        var tools = Directory.CreateDirectory(Path.Combine(AzuriteOptions.UserFolder, "tools")).FullName;
        Directory.CreateDirectory(Data);
        Directory.CreateSymbolicLink(Path.Combine(Data, "tools"), tools);
    }

    /// <summary>The current folder of the processes.</summary>
    public string Folder => _folder.Path;

    /// <summary>Where they keep what outlives them.</summary>
    public string Data => Path.Combine(Folder, "home");

    /// <summary>Variables that the processes see beside those of this one.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>Starts a command line and returns at once.</summary>
    public FedRecProcess Start(params string[] line)
    {
        var process = new FedRecProcess(Folder, Data, Environment, line);
        _started.Add(process);
        return process;
    }

    /// <summary>Starts a command line of another build of the program.</summary>
    /// <param name="program">Its <c>fedrec.dll</c>.</param>
    /// <param name="line">As typed.</param>
    public FedRecProcess StartFrom(string program, params string[] line)
    {
        var process = new FedRecProcess(program, Folder, Data, Environment, line);
        _started.Add(process);
        return process;
    }

    /// <summary>Starts another program that has FedRec, built beside the tests, from its own output folder.</summary>
    /// <param name="project">Its folder below <c>src</c>.</param>
    /// <param name="line">Its arguments.</param>
    public FedRecProcess StartProgram(string project, params string[] line)
    {
        var output = Path.GetRelativePath(Path.Combine(Repository.Root, "tests", "FedRec.Integration.Tests"), AppContext.BaseDirectory); // such as bin/Debug/net10.0
        var process = new FedRecProcess(Path.Combine(Repository.Root, "src", project, output, $"{Path.GetFileName(project)}.dll"), Folder, Data, Environment, line);
        _started.Add(process);
        return process;
    }

    /// <summary>Runs a command line to its end and checks its exit code.</summary>
    public async Task<FedRecProcess> RunAsync(params string[] line)
    {
        var process = Start(line);
        Assert.True(await process.ExitAsync() == 0, $"fedrec {string.Join(' ', line)} ended with {process.ExitCode}:\n{process.Error}");
        return process;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _started)
        {
            await process.DisposeAsync();
        }

        await EmulatorGoneAsync(); // it writes its data while it ends
        await EmulatorGoneAsync("fedrec");
        _folder.Dispose();
    }

    /// <summary>Waits until no storage emulator serves this folder.</summary>
    /// <exception cref="TimeoutException">One is left behind.</exception>
    /// <param name="below">The folder of a host's store below <see cref="Data"/>; empty for that itself.</param>
    public async Task EmulatorGoneAsync(string below = "")
    {
        if (AzuriteOwner.Read(Path.Combine(Data, below, "blobs"))?.FindEmulator() is { } emulator)
        {
            using (emulator)
            {
                await emulator.WaitForExitAsync().WaitAsync(FedRecProcess.Limit);
            }
        }
    }
}
