using System.Collections;
using System.Runtime.InteropServices;

namespace FedRec.Cli;

/// <summary>Where a command reads its surroundings and writes its answer: data to <see cref="Out"/>, progress and errors to <see cref="Error"/>.</summary>
internal sealed record Terminal
{
    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>False when the answer goes to a file or a pipe: then without colours and as wide as it needs.</summary>
    public bool OutIsScreen { get; init; }

    /// <summary>False when progress goes to a file or a pipe: then one plain line per round.</summary>
    public bool ErrorIsScreen { get; init; }

    public bool Color { get; init; }

    public int Width { get; init; } = 160;

    public required string Folder { get; init; }

    public required IReadOnlyDictionary<string, string> Variables { get; init; }

    /// <summary>Cancelled when the machine ends the process: it may start it again, so runs stay unfinished instead of being stopped.</summary>
    public CancellationToken Terminating { get; init; }

    public string? Variable(string name) => Variables.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    public static Terminal FromProcess()
    {
        var variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);
        var plain = variables.GetValueOrDefault("NO_COLOR") is { Length: > 0 } || variables.GetValueOrDefault("TERM") == "dumb";
        var wide = Console.IsOutputRedirected ? 160 : Math.Max(Console.WindowWidth, 60);
        return new Terminal
        {
            Out = Console.Out,
            Error = Console.Error,
            OutIsScreen = !Console.IsOutputRedirected,
            ErrorIsScreen = !Console.IsErrorRedirected,
            Color = !plain,
            Width = wide,
            Folder = Directory.GetCurrentDirectory(),
            Variables = variables,
        };
    }
}

/// <summary>Tells a command that the process is to end: by its user (Ctrl-C), or by the machine (SIGTERM), which may start it again.</summary>
/// <remarks>The first signal asks the command to end in order; the second ends the process at once. A process that another one attends to leaves Ctrl-C to that one.</remarks>
internal sealed class EndSignals : IDisposable
{
    private readonly bool _isAttended;
    private readonly CancellationTokenSource _end = new();
    private readonly CancellationTokenSource _terminate = new();
    private readonly PosixSignalRegistration[] _registrations;

    /// <param name="isAttended">Whether the process that has started this one decides about its end.</param>
    public EndSignals(bool isAttended)
    {
        _isAttended = isAttended;
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle)];
    }

    /// <summary>Cancelled by either signal.</summary>
    public CancellationToken End => _end.Token;

    /// <summary>Cancelled by SIGTERM only, before <see cref="End"/>.</summary>
    public CancellationToken Terminate => _terminate.Token;

    public void Dispose()
    {
        Array.ForEach(_registrations, registration => registration.Dispose());
        _end.Dispose();
        _terminate.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        if (_isAttended && context.Signal == PosixSignal.SIGINT)
        {
            context.Cancel = true;
            return;
        }

        if (_end.IsCancellationRequested)
        {
            return; // asked for the second time: the system's own way
        }

        context.Cancel = true;
        if (context.Signal == PosixSignal.SIGTERM)
        {
            _terminate.Cancel();
        }

        _ = _end.CancelAsync();
    }
}
