using System.Diagnostics;
using FedRec.Cli.Commands;

namespace FedRec.Cli.Hosting;

/// <summary>A silo of a local cluster in a process of its own: started, listened to, started again when it dies, and ended.</summary>
/// <remarks>It ends when its standard input is closed, which the system does when this process dies, so that none is left behind.</remarks>
internal sealed class SiloProcess : IAsyncDisposable
{
    /// <summary>What a silo writes to standard output once it is a member.</summary>
    public const string Ready = "The silo is a member of the cluster.";

    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_stopLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(30);
    private readonly CommandContext _context;
    private readonly SessionPlan _plan;
    private readonly (int Silo, int Gateway) _ports;
    private readonly CancellationTokenSource _end = new();
    private Task _keeping = Task.CompletedTask;
    private Process? _process;

    public SiloProcess(CommandContext context, SessionPlan plan, int number, (int Silo, int Gateway) ports) => (_context, _plan, Number, _ports) = (context, plan, number, ports);

    /// <summary>From 1.</summary>
    public int Number { get; }

    public int ProcessId => _process?.Id ?? 0;

    /// <summary>Starts it, waits until it is a member, and from then on starts it again whenever it ends.</summary>
    /// <param name="isFirst">Whether it is the first of its cluster.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CliException">It does not become a member.</exception>
    public async Task StartAsync(bool isFirst, CancellationToken cancellationToken)
    {
        if (!await LaunchAsync(isFirst, cancellationToken))
        {
            throw new CliException(ExitCode.Failed, $"Silo {Number} did not start.", "What it said stands above.");
        }

        _keeping = KeepAsync(_end.Token);
    }

    /// <summary>From now on it is not started again.</summary>
    public async Task ReleaseAsync()
    {
        await _end.CancelAsync();
        await _keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Asks it to end in order, and ends it after a while.</summary>
    public async ValueTask DisposeAsync()
    {
        await ReleaseAsync();
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
                    _context.Say($"Silo {Number} (process {process.Id}) does not end, and is killed.");
                    process.Kill(entireProcessTree: true);
                    await process.WaitForExitAsync();
                }
            }
        }

        _end.Dispose();
    }

    private async Task KeepAsync(CancellationToken cancellationToken)
    {
        for (var pause = TimeSpan.FromSeconds(1); ;)
        {
            var started = TimeProvider.System.GetTimestamp();
            await _process!.WaitForExitAsync(cancellationToken);
            _context.Say($"Silo {Number} (process {_process.Id}) has ended with code {_process.ExitCode}; it is started again, and the others go on.");
            pause = TimeProvider.System.GetElapsedTime(started) > s_longestPause ? TimeSpan.FromSeconds(1) : pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
            await Task.Delay(pause, cancellationToken);
            _process.Dispose();
            if (await LaunchAsync(isFirst: false, cancellationToken))
            {
                _context.Say($"Silo {Number} is a member again (process {_process.Id}).");
            }
        }
    }

    private async Task<bool> LaunchAsync(bool isFirst, CancellationToken cancellationToken)
    {
        var process = Process.Start(StartInfo(isFirst))!;
        _process = process;
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, line) => _ = line.Data == Ready && ready.TrySetResult();
        process.ErrorDataReceived += (_, line) => Forward(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_startLimit);
        await Task.WhenAny(ready.Task, process.WaitForExitAsync(limit.Token));
        if (!ready.Task.IsCompleted && !process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return ready.Task.IsCompleted;
    }

    private void Forward(string? line)
    {
        if (line is { Length: > 0 })
        {
            _context.Terminal.Error.WriteLine($"silo {Number}: {line}");
        }
    }

    private ProcessStartInfo StartInfo(bool isFirst) => OwnProgram.StartInfo(
        _context,
        ["silo", SiloCommand.Attended, "--storage", _plan.Storage, .. isFirst ? ["--first"] : Array.Empty<string>(), "--quiet", .. _context.Verbose ? ["--verbose"] : Array.Empty<string>(),
            .. _plan.Settings.Silo.Labels is { Length: > 0 } labels ? ["--label", labels] : Array.Empty<string>()],
        $"Silo.SiloPort={_ports.Silo}", $"Silo.GatewayPort={_ports.Gateway}");
}

/// <summary>This program once more, in a process of its own.</summary>
internal static class OwnProgram
{
    /// <summary>How it is started, with the configuration of this one.</summary>
    /// <param name="context">Terminal and configuration.</param>
    /// <param name="line">As typed after <c>fedrec</c>.</param>
    /// <param name="set">Keys that differ, as after <c>--set</c>.</param>
    public static ProcessStartInfo StartInfo(CommandContext context, IEnumerable<string> line, params string[] set)
    {
        var (program, arguments) = Name();
        string[] whole =
        [
            .. arguments, .. line, .. Given("--config", context.Value(CommonOptions.Config)), .. Given("--profile", context.Value(CommonOptions.Profile)),
            .. (context.Value(CommonOptions.Set) ?? []).Concat(set).SelectMany(one => Given("--set", one)),
        ];
        return new ProcessStartInfo(program, whole)
        {
            WorkingDirectory = context.Terminal.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
    }

    private static string[] Given(string option, string? value) => value is null ? [] : [option, value];

    // Started as a program of its own, or by dotnet with the name of the library.
    private static (string Program, string[] Arguments) Name()
    {
        var program = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase) ? (program, [typeof(CliApp).Assembly.Location]) : (program, []);
    }
}
