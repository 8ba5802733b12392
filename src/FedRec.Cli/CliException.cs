namespace FedRec.Cli;

/// <summary>An error whose cause and remedy are known: what was wrong and where, and what to do next.</summary>
internal sealed class CliException(int exitCode, string what, string? next = null, Exception? cause = null) : Exception(what, cause)
{
    /// <summary>One of <see cref="FedRec.Cli.ExitCode"/>.</summary>
    public int ExitCode => exitCode;

    /// <summary>What to do next, as a sentence; null when the message says it all.</summary>
    public string? Next => next;
}
