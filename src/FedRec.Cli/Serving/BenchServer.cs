using System.Diagnostics;
using FedRec.Cli.Commands;
using FedRec.Cli.Hosting;
using FedRec.Cli.Runs;
using FedRec.Contracts.Runs;
using FedRec.Core.Data;

namespace FedRec.Cli.Serving;

/// <summary>A server to be measured: <c>fedrec serve</c> in a process of its own, on a store of its own that is removed with it.</summary>
internal sealed class BenchServer : IAsyncDisposable
{
    /// <summary>The federation that it serves.</summary>
    public const string Federation = "bench";

    private const string Serves = "FedRec serves at ";
    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(5); // the first time, the storage emulator is installed
    private static readonly TimeSpan s_stopLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);
    private readonly CommandContext _context;
    private readonly string _store = Directory.CreateTempSubdirectory("fedrec-bench-").FullName;
    private readonly List<string> _said = [];
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _process;

    private BenchServer(CommandContext context) => _context = context;

    /// <summary>Where its API is.</summary>
    public Uri Address => _address.Task.Result;

    /// <summary>Starts it and waits until it serves.</summary>
    /// <exception cref="CliException">It does not.</exception>
    public static async Task<BenchServer> StartAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var server = new BenchServer(context);
        try
        {
            await server.LaunchAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Gives its users what they did, to keep, and has a version trained and put in use.</summary>
    /// <exception cref="CliException">The data or the learner is refused.</exception>
    public async Task FillAsync(InteractionFile file, string learner, CancellationToken cancellationToken)
    {
        _context.Settings.Storage.Folder = _store;
        await using (var session = await FedRecSession.OpenAsync(_context, VerbSession.Plan(_context, "azurite"), cancellationToken))
        {
            await ImportCommand.ImportAsync(_context, session.Grains, Federation, (null, null), file, cancellationToken);
        }

        _context.Say($"Training {learner}");
        await using var runs = new HttpRuns(Address, key: null);
        var started = await runs.StartAsync(new RunRequest { Federation = Federation, Learner = learner, Promote = Contracts.Models.PromotionPolicy.Always }, cancellationToken);
        for (; ; await Task.Delay(s_look, cancellationToken))
        {
            if (await runs.GetAsync(new RunName(started.Federation, started.Run), cancellationToken) is { Active: false } run)
            {
                _ = run.Version > 0 ? run : throw new CliException(ExitCode.Failed, $"The run ended without a version: {run.Summary ?? run.Reason}");
                return;
            }
        }
    }

    /// <summary>Ends it and removes its store.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            using (process)
            {
                if (!process.HasExited)
                {
                    process.StandardInput.Close();
                    await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(s_stopLimit));
                }

                if (!process.HasExited)
                {
                    process.Kill(entireProcessTree: true);
                    await process.WaitForExitAsync();
                }
            }
        }

        Directory.Delete(_store, recursive: true);
    }

    private async Task LaunchAsync(CancellationToken cancellationToken)
    {
        _process = Process.Start(OwnProgram.StartInfo(_context, ["serve", SiloCommand.Attended, "--port", "0", "--storage", "azurite"], $"Storage.Folder={_store}", "Web.Host=localhost", "Web.ApiKey="))!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, line) => Hear(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_startLimit);
        await Task.WhenAny(_address.Task, _process.WaitForExitAsync(limit.Token));
        cancellationToken.ThrowIfCancellationRequested();
        if (!_address.Task.IsCompleted)
        {
            throw new CliException(ExitCode.Failed, "The server that was to be measured did not start.", string.Join(' ', _said));
        }
    }

    private void Hear(string line)
    {
        lock (_said)
        {
            _said.Add(line);
        }

        if (line.StartsWith(Serves, StringComparison.Ordinal))
        {
            _address.TrySetResult(new Uri(new Uri(line[Serves.Length..]), "/fedrec"));
        }
    }
}
