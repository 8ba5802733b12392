using System.Diagnostics;

namespace FedRec.Hosting.Azurite;

/// <summary>The local storage emulator as a child process: installed on first use, stopped with FedRec, its data kept between starts.</summary>
/// <remarks>The emulator ends, after it has saved, when the standard input that this process holds is closed. That also happens when this
/// process is killed, so no emulator is left behind. See <c>silo-config/azurite/emulator.cjs</c>.</remarks>
internal sealed class AzuriteProcess : IAsyncDisposable
{
    private readonly AzuriteOptions _options;
    private readonly AzuriteDataFolder? _data;
    private readonly string _key;
    private readonly Func<int, int, ProcessStartInfo> _start;
    private Process _process = null!; // set by every launch
    private AzuriteEndpoints _endpoints = null!;
    private Task? _stopping;
    private volatile string? _saveFailed;

    private AzuriteProcess(AzuriteOptions options, AzuriteDataFolder? data, string key, Func<int, int, ProcessStartInfo> start) =>
        (_options, _data, _key, _start) = (options, data, key, start);

    /// <summary>Where the blob service listens; the port is another one at every start, and the same after a restart.</summary>
    public Uri Endpoint => _endpoints.Blob;

    /// <summary>For <c>BlobServiceClient</c> and <c>TableServiceClient</c>; it holds a key that is made anew at every start.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>The emulator's process id.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Done when the emulator has ended, asked or not.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Why what it was given could not be saved the last time, such as a full disk; null when it could.</summary>
    public string? SaveFailed => _saveFailed;

    /// <summary>The FedRec process that serves a data folder now, or null; a second process may use its endpoint.</summary>
    public static AzuriteOwner? FindOwner(string dataFolder) => AzuriteDataFolder.FindOwner(dataFolder);

    /// <summary>Installs the emulator when it is missing, starts it and waits until it listens.</summary>
    /// <param name="options">Folders and times.</param>
    /// <param name="progress">Told what takes time.</param>
    /// <param name="cancellationToken">Gives up; nothing is left running.</param>
    /// <exception cref="StorageSetupException">Node.js is missing, the installation failed, the data folder is in use, or the emulator does not start.</exception>
    public static async Task<AzuriteProcess> StartAsync(AzuriteOptions options, IProgress<SetupStep>? progress = null, CancellationToken cancellationToken = default)
    {
        var tools = await NodeTools.FindAsync(options.SearchPath, cancellationToken);
        var installation = await AzuriteInstallation.EnsureAsync(options, tools, progress, cancellationToken);
        var data = options.DataFolder is { } folder
            ? await AzuriteDataFolder.OpenAsync(folder, options, progress, cancellationToken)
            : null;
        try
        {
            var key = AzuriteEndpoints.NewKey();
            var azurite = new AzuriteProcess(options, data, key, (blobPort, tablePort) => installation.StartInfo(tools, data?.Path, blobPort, tablePort, key));
            var ports = FreePorts.Find(2); // which nobody who calls out is given while it is started again
            await azurite.LaunchAsync(ports[0], ports[1], cancellationToken);
            progress?.Report($"The storage emulator listens on {azurite.Endpoint}; data in {data?.Path ?? "memory"}.");
            return azurite;
        }
        catch
        {
            data?.Dispose();
            throw;
        }
    }

    /// <summary>Ends an emulator that died or hangs and starts it again with its data, where its clients look for it.</summary>
    /// <exception cref="StorageSetupException">It does not start; it may be tried again.</exception>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        using (_process)
        {
            _process.Kill(entireProcessTree: true); // one that ended is left alone; one that hangs hears nothing else
            await Completion;
            await LaunchAsync(_endpoints.Blob.Port, _endpoints.Table.Port, cancellationToken);
        }
    }

    /// <summary>Lets the emulator save and end; kills it after the time limit. Stopping twice does nothing.</summary>
    public Task StopAsync() => _stopping ??= StopOnceAsync();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process.Dispose();
    }

    private async Task LaunchAsync(int blobPort, int tablePort, CancellationToken cancellationToken)
    {
        var listening = new TaskCompletionSource<AzuriteEndpoints>(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = Process.Start(_start(blobPort, tablePort))!;
        var output = new OutputTail(process, line => Hear(line, listening));
        try
        {
            await Task.WhenAny(listening.Task, process.WaitForExitAsync(cancellationToken)).WaitAsync(_options.StartTimeout, cancellationToken);
            _endpoints = listening.Task.IsCompleted
                ? await listening.Task
                : throw new StorageSetupException($"The local storage emulator ended at once, with code {process.ExitCode}: {output}. Correct that, {StorageSetupException.OtherWays}");
        }
        catch (Exception e)
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
            throw e is TimeoutException
                ? new StorageSetupException($"The local storage emulator did not listen within {_options.StartTimeout.TotalSeconds:0} s: {output}. Try again, {StorageSetupException.OtherWays}", e)
                : e;
        }

        (_process, Completion, _saveFailed) = (process, process.WaitForExitAsync(CancellationToken.None), null);
        ConnectionString = _endpoints.ConnectionString(_key);
        _data?.SetOwner(process, _endpoints.Blob, ConnectionString);
    }

    private void Hear(string line, TaskCompletionSource<AzuriteEndpoints> listening)
    {
        var word = EmulatorWord.Read(line);
        if (word?.Endpoints is { } endpoints)
        {
            listening.TrySetResult(endpoints);
        }
        else if (word is not null)
        {
            _saveFailed = word.SaveFailed;
        }
    }

    private async Task StopOnceAsync()
    {
        if (!_process.HasExited)
        {
            _process.StandardInput.Close();
        }

        try
        {
            await Completion.WaitAsync(_options.StopTimeout);
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
            await Completion;
        }

        _data?.Dispose();
    }
}
