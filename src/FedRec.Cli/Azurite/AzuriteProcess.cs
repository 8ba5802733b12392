using System.Diagnostics;

namespace FedRec.Cli.Azurite;

/// <summary>The local storage emulator as a child process: installed on first use, stopped with FedRec, its data kept between starts.</summary>
/// <remarks>The emulator ends, after it has saved, when the standard input that this process holds is closed. That also happens when this
/// process is killed, so no emulator is left behind. See <c>silo-config/azurite/emulator.cjs</c>.</remarks>
internal sealed class AzuriteProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly AzuriteDataFolder? _data;
    private readonly TimeSpan _stopTimeout;
    private Task? _stopping;

    private AzuriteProcess(Process process, AzuriteDataFolder? data, AzuriteEndpoints endpoints, string accountKey, TimeSpan stopTimeout)
    {
        (_process, _data, _stopTimeout) = (process, data, stopTimeout);
        Endpoint = endpoints.Blob;
        ConnectionString = endpoints.ConnectionString(accountKey);
        Completion = process.WaitForExitAsync();
    }

    /// <summary>Where the blob service listens; the port is another one at every start.</summary>
    public Uri Endpoint { get; }

    /// <summary>For <c>BlobServiceClient</c> and <c>TableServiceClient</c>; it holds a key that is made anew at every start.</summary>
    public string ConnectionString { get; }

    /// <summary>The emulator's process id.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Done when the emulator has ended, asked or not.</summary>
    public Task Completion { get; }

    /// <summary>The FedRec process that serves a data folder now, or null; a second process may use its endpoint.</summary>
    public static AzuriteOwner? FindOwner(string dataFolder) => AzuriteDataFolder.FindOwner(dataFolder);

    /// <summary>Installs the emulator when it is missing, starts it and waits until it listens.</summary>
    /// <param name="options">Folders and times.</param>
    /// <param name="progress">Told in whole sentences what takes time.</param>
    /// <param name="cancellationToken">Gives up; nothing is left running.</param>
    /// <exception cref="StorageSetupException">Node.js is missing, the installation failed, the data folder is in use, or the emulator does not start.</exception>
    public static async Task<AzuriteProcess> StartAsync(AzuriteOptions options, IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        var tools = await NodeTools.FindAsync(options.SearchPath, cancellationToken);
        var installation = await AzuriteInstallation.EnsureAsync(options, tools, progress, cancellationToken);
        var data = options.DataFolder is { } folder
            ? await AzuriteDataFolder.OpenAsync(folder, options, progress, cancellationToken)
            : null;
        try
        {
            var key = AzuriteEndpoints.NewKey();
            var (process, endpoints) = await LaunchAsync(installation.StartInfo(tools, data?.Path, 0, 0, key), options.StartTimeout, cancellationToken);
            data?.SetOwner(process, endpoints.Blob);
            progress?.Report($"The storage emulator listens on {endpoints.Blob}; data in {data?.Path ?? "memory"}.");
            return new AzuriteProcess(process, data, endpoints, key, options.StopTimeout);
        }
        catch
        {
            data?.Dispose();
            throw;
        }
    }

    /// <summary>Lets the emulator save and end; kills it after the time limit. Stopping twice does nothing.</summary>
    public Task StopAsync() => _stopping ??= StopOnceAsync();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process.Dispose();
    }

    private static async Task<(Process Process, AzuriteEndpoints Endpoints)> LaunchAsync(ProcessStartInfo start, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var listening = new TaskCompletionSource<AzuriteEndpoints>(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = Process.Start(start)!;
        var output = new OutputTail(process, line => Listen(line, listening));
        try
        {
            await Task.WhenAny(listening.Task, process.WaitForExitAsync(cancellationToken)).WaitAsync(timeout, cancellationToken);
            return listening.Task.IsCompleted
                ? (process, await listening.Task)
                : throw new StorageSetupException($"The local storage emulator ended at once, with code {process.ExitCode}: {output}. Correct that, {StorageSetupException.OtherWays}");
        }
        catch (Exception e)
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
            throw e is TimeoutException
                ? new StorageSetupException($"The local storage emulator did not listen within {timeout.TotalSeconds:0} s: {output}. Try again, {StorageSetupException.OtherWays}", e)
                : e;
        }
    }

    private static void Listen(string line, TaskCompletionSource<AzuriteEndpoints> listening)
    {
        if (AzuriteEndpoints.Read(line) is { } endpoints)
        {
            listening.TrySetResult(endpoints);
        }
    }

    private async Task StopOnceAsync()
    {
        _process.StandardInput.Close();
        try
        {
            await Completion.WaitAsync(_stopTimeout);
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
            await Completion;
        }

        _data?.Dispose();
    }
}
