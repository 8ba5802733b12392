using FedRec.Cli.Parties;
using FedRec.Contracts.Federations;
using FedRec.Core.Data;
using FedRec.Core.Snapshots;
using FedRec.Hosting;
using FedRec.Hosting.Configuration;
using Orleans.Runtime.Messaging;

namespace FedRec.Cli;

/// <summary>An error as the user meets it.</summary>
/// <param name="ExitCode">What the process answers.</param>
/// <param name="What">What was wrong, and where.</param>
/// <param name="Next">What to do next; null when the message says it all.</param>
internal sealed record Failure(int ExitCode, string What, string? Next)
{
    /// <summary>Finds the cause in an exception and its inner ones and says it without a stack trace.</summary>
    public static Failure From(Exception exception) =>
        Causes(exception).Select(Known).FirstOrDefault(known => known is not null) ?? new Failure(FedRec.Cli.ExitCode.Failed, $"{exception.GetType().Name}: {FirstLine(exception.GetBaseException())}", "Run the command again with --verbose to see where it comes from.");

    /// <summary>The cause in a few words, for a line of a log: the store's as it is told elsewhere, since libraries begin with "Service request failed".</summary>
    public static string CauseOf(Exception exception) =>
        Causes(exception).OfType<Azure.RequestFailedException>().FirstOrDefault() is { } store ? StoreFailure(store).What : exception.GetBaseException().Message;

    /// <summary>Writes it to standard error.</summary>
    public void Write(TextWriter error)
    {
        error.WriteLine($"error: {Output.Text.Printable(What)}");
        if (Next is not null)
        {
            error.WriteLine($"  next: {Output.Text.Printable(Next)}");
        }
    }

    private static Failure? Known(Exception cause) => cause switch
    {
        CliException e => new Failure(e.ExitCode, e.Message, e.Next),
        DatasetException e => new Failure(FedRec.Cli.ExitCode.Failed, e.What is null ? e.Message : e.Place + e.What, e.Next),
        SettingException e => new Failure(FedRec.Cli.ExitCode.BadConfiguration, e.Message, e.Next),
        StorageSetupException e => new Failure(FedRec.Cli.ExitCode.StoreUnreachable, e.What, e.Next),
        Azure.RequestFailedException e => StoreFailure(e),
        PartyFileException e => new Failure(FedRec.Cli.ExitCode.Failed, e.Message, e.Next),
        IOException when FullStore.CauseOf(cause) is { } e => new Failure(FedRec.Cli.ExitCode.Failed, e.Message, "Free some space, or give another folder (of the data: FEDREC_DATA_HOME)."),
        UnauthorizedAccessException e => new Failure(FedRec.Cli.ExitCode.Failed, e.Message, "Give a folder that you may write to."),
        ArgumentException e => new Failure(FedRec.Cli.ExitCode.Failed, Plain(e), null),
        IOException or InvalidDataException => new Failure(FedRec.Cli.ExitCode.Failed, FirstLine(cause), null),
        SiloLabelException e => new Failure(FedRec.Cli.ExitCode.StoreUnreachable, e.Message, null),
        TimeoutException => new Failure(FedRec.Cli.ExitCode.StoreUnreachable, "The silo did not answer in time; it may be overloaded, or its process may have ended.", "Run the command again; --verbose shows what was asked."),
        ConnectionFailedException or SiloUnavailableException => new Failure(FedRec.Cli.ExitCode.StoreUnreachable, $"The FedRec process that owns the store has gone: {FirstLine(cause)}", "Run the command again."),
        _ => null,
    };

    private static Failure StoreFailure(Azure.RequestFailedException e) => e.Status is 0 or 401 or 403 or 503 or 504
        ? new Failure(FedRec.Cli.ExitCode.StoreUnreachable, $"The store did not answer: {Words(e)}", "Check the connection string and the network, or use --storage memory.")
        : new Failure(FedRec.Cli.ExitCode.Failed, $"The store refused the request: {Words(e)}", "Check the containers under FedRec:Storage.");

    // The library's first line says nothing where the store sent no message.
    private static string Words(Azure.RequestFailedException e) => FirstLine(e) is var line && line.StartsWith("Service request failed", StringComparison.Ordinal)
        ? $"status {e.Status}{(e.ErrorCode is { } code ? $", {code}" : "")}" : line;

    /// <summary>What an argument error says, without the name of the parameter that .NET adds.</summary>
    public static string Plain(ArgumentException e)
    {
        var text = FirstLine(e);
        return e.ParamName is { } name ? text.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : text;
    }

    private static string FirstLine(Exception e) => e.Message.Split('\n')[0].Trim();

    private static IEnumerable<Exception> Causes(Exception exception)
    {
        yield return exception;
        IEnumerable<Exception> inner = exception is AggregateException many ? many.InnerExceptions : exception.InnerException is { } one ? [one] : [];
        foreach (var cause in inner.SelectMany(Causes))
        {
            yield return cause;
        }
    }
}

/// <summary>An error whose cause and remedy are known: what was wrong and where, and what to do next.</summary>
internal sealed class CliException(int exitCode, string what, string? next = null, Exception? cause = null) : Exception(what, cause)
{
    /// <summary>One of <see cref="FedRec.Cli.ExitCode"/>.</summary>
    public int ExitCode => exitCode;

    /// <summary>What to do next, as a sentence; null when the message says it all.</summary>
    public string? Next => next;
}

/// <summary>What the process answers to the shell.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int BadConfiguration = 3;
    public const int PrivacySpent = 4;
    public const int QuorumNotMet = 5;
    public const int StoreUnreachable = 6;
    public const int Diverged = 7;
    public const int Cancelled = 130;
    public const int Terminated = 143;
}
