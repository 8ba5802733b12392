using System.Runtime.InteropServices;

namespace FedRec.Cli;

/// <summary>Tells a command that the process is to end: by its user (Ctrl-C), or by the machine (SIGTERM), which may start it again.</summary>
/// <remarks>The first signal asks the command to end in order; the second ends the process at once.</remarks>
internal sealed class EndSignals : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly CancellationTokenSource _terminate = new();
    private readonly PosixSignalRegistration[] _registrations;

    public EndSignals() => _registrations =
        [PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle)];

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
