using System.Diagnostics;
using System.Text;
using System.Text.Json;
using FedRec.Cli;

namespace FedRec.Integration.Tests.EndToEnd;

/// <summary>The built program as a process of its own, with what it writes. Every wait has a limit.</summary>
public sealed class FedRecProcess : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(8);
    private static readonly Lazy<string> s_python = new(() => new[] { "python3", "/usr/bin/python3" }.FirstOrDefault(HasNumPy)
        ?? throw new InvalidOperationException("No python3 here has NumPy. Install both, such as Debian's python3-numpy."));
    private readonly Process _process;
    private readonly StringBuilder _out = new();
    private readonly StringBuilder _error = new();
    private readonly List<(string Text, TaskCompletionSource<string> Seen)> _awaited = [];

    /// <param name="folder">Its current folder.</param>
    /// <param name="dataHome">Its data folder.</param>
    /// <param name="environment">Variables beside those of this process.</param>
    /// <param name="line">As typed after <c>fedrec</c>.</param>
    public FedRecProcess(string folder, string dataHome, IReadOnlyDictionary<string, string> environment, params string[] line)
        : this(typeof(CliApp).Assembly.Location, folder, dataHome, environment, line)
    {
    }

    /// <inheritdoc cref="FedRecProcess(string, string, IReadOnlyDictionary{string, string}, string[])"/>
    /// <param name="program">Another program that has FedRec.</param>
    /// <param name="folder">Its current folder.</param>
    /// <param name="dataHome">Its data folder.</param>
    /// <param name="environment">Variables beside those of this process.</param>
    /// <param name="line">Its arguments.</param>
    public FedRecProcess(string program, string folder, string dataHome, IReadOnlyDictionary<string, string> environment, string[] line)
        : this(new ProcessStartInfo("dotnet", [program, .. line]) { WorkingDirectory = folder }, [.. environment, new("FEDREC_DATA_HOME", dataHome)])
    {
    }

    private FedRecProcess(ProcessStartInfo start, IEnumerable<KeyValuePair<string, string>> environment)
    {
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) =>
        {
            Append(_out, e.Data);
            Notice(e.Data);
        };
        _process.ErrorDataReceived += (_, e) => OnError(e.Data);
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>A script in Python, by an interpreter that has NumPy.</summary>
    /// <param name="folder">Its current folder.</param>
    /// <param name="script">Its path below the repository.</param>
    /// <param name="line">Its arguments.</param>
    public static FedRecProcess OfPython(string folder, string script, params string[] line) => OfPython(folder, script, new Dictionary<string, string>(), line);

    /// <inheritdoc cref="OfPython(string, string, string[])"/>
    /// <param name="folder">Its current folder.</param>
    /// <param name="script">Its path below the repository.</param>
    /// <param name="environment">Variables beside those of this process.</param>
    /// <param name="line">Its arguments.</param>
    public static FedRecProcess OfPython(string folder, string script, IReadOnlyDictionary<string, string> environment, params string[] line) =>
        new(new ProcessStartInfo(s_python.Value, [Path.Combine(Repository.Root, script), .. line]) { WorkingDirectory = folder }, environment);

    public int Id => _process.Id;

    public int ExitCode => _process.ExitCode;

    public bool HasExited => _process.HasExited;

    public string Out => Read(_out);

    public string Error => Read(_error);

    public JsonElement Json => JsonDocument.Parse(Out).RootElement;

    /// <summary>Waits until the process writes a line with this text; one that it has written to standard error already counts.</summary>
    /// <param name="text">Part of the line.</param>
    /// <param name="after">Where in <see cref="Error"/> the lines that count begin: what was said of an earlier event is no answer for a later one.</param>
    /// <exception cref="TimeoutException">It ended, or the limit passed, without it.</exception>
    public async Task<string> WaitForAsync(string text, int after = 0)
    {
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_error)
        {
            if (_error.ToString(after, _error.Length - after).Split('\n').FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal)) is { } line)
            {
                return line;
            }

            _awaited.Add((text, seen));
        }

        using var limit = new CancellationTokenSource(Limit);
        await Task.WhenAny(seen.Task, _process.WaitForExitAsync(limit.Token));
        return seen.Task.IsCompleted ? await seen.Task : throw new TimeoutException($"'{text}' did not come:\n{Error}");
    }

    /// <summary>Waits until it serves.</summary>
    /// <returns>A client of its front end.</returns>
    public async Task<HttpClient> WebAsync()
    {
        var line = await WaitForAsync("FedRec serves at ");
        return new HttpClient { BaseAddress = new Uri(new Uri(line[line.IndexOf("http", StringComparison.Ordinal)..]), "/"), Timeout = Limit };
    }

    /// <summary>Ends it at once (SIGKILL), without its knowing.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Limit);
    }

    /// <summary>Sends a signal: INT as Ctrl-C does, TERM as a service manager does.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", ["-s", name, $"{Id}"]);
        kill.WaitForExit();
    }

    /// <summary>Waits for its end and its last line.</summary>
    /// <exception cref="TimeoutException">It still runs after the limit.</exception>
    public async Task<int> ExitAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"fedrec {string.Join(' ', _process.StartInfo.ArgumentList.Skip(1))} does not end:\n{Error}", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private static bool HasNumPy(string python)
    {
        using var process = Process.Start(new ProcessStartInfo(python, ["-c", "import numpy"]) { RedirectStandardError = true });
        process!.WaitForExit();
        return process.ExitCode == 0;
    }

    private void OnError(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_error)
        {
            _error.Append(line).Append('\n');
            Notice(line);
        }
    }

    private void Notice(string? line)
    {
        lock (_error)
        {
            foreach (var (_, seen) in _awaited.Where(awaited => line?.Contains(awaited.Text, StringComparison.Ordinal) is true))
            {
                seen.TrySetResult(line!);
            }
        }
    }

    private static void Append(StringBuilder text, string? line)
    {
        lock (text)
        {
            text.Append(line).Append('\n');
        }
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }
}
