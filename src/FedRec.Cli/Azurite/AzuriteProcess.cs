using System.Diagnostics;
using System.Text.RegularExpressions;

namespace FedRec.Cli.Azurite;

/// <summary>The local storage emulator as a child process: installed on first use, stopped with FedRec, its data kept between starts.</summary>
/// <remarks>The emulator ends, after it has saved, when the standard input that this process holds is closed. That also happens when this
/// process is killed, so no emulator is left behind. See <c>silo-config/azurite/stop-with-parent.cjs</c>.</remarks>
internal sealed partial class AzuriteProcess : IAsyncDisposable
{
    // Published by the emulator's authors for the one account it has; no secret.
    private const string Account = "devstoreaccount1";
    private const string AccountKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private readonly Process _process;
    private readonly AzuriteDataFolder? _data;
    private readonly TimeSpan _stopTimeout;
    private Task? _stopping;

    private AzuriteProcess(Process process, AzuriteDataFolder? data, Uri endpoint, TimeSpan stopTimeout)
    {
        (_process, _data, _stopTimeout) = (process, data, stopTimeout);
        Endpoint = endpoint;
        Completion = process.WaitForExitAsync();
    }

    /// <summary>Where the emulator listens; the port is another one at every start.</summary>
    public Uri Endpoint { get; }

    /// <summary>For <c>BlobServiceClient</c>.</summary>
    public string ConnectionString => ConnectionStringFor(Endpoint);

    /// <summary>The emulator's process id.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Done when the emulator has ended, asked or not.</summary>
    public Task Completion { get; }

    /// <summary>The connection string of an emulator at an endpoint.</summary>
    public static string ConnectionStringFor(Uri endpoint) =>
        $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={AccountKey};BlobEndpoint={endpoint.GetLeftPart(UriPartial.Authority)}/{Account};";

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
            var (process, endpoint) = await LaunchAsync(installation.StartInfo(tools, data?.Path), options.StartTimeout, cancellationToken);
            data?.SetOwner(process, endpoint);
            progress?.Report($"The storage emulator listens on {endpoint}; data in {data?.Path ?? "memory"}.");
            return new AzuriteProcess(process, data, endpoint, options.StopTimeout);
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

    private static async Task<(Process Process, Uri Endpoint)> LaunchAsync(ProcessStartInfo start, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
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

    private static void Listen(string line, TaskCompletionSource<Uri> listening)
    {
        if (ListensOn().Match(line) is { Success: true } match)
        {
            listening.TrySetResult(new Uri(match.Groups[1].Value));
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

    [GeneratedRegex(@"successfully listens on (http://[0-9.]+:[0-9]+)")]
    private static partial Regex ListensOn();
}
