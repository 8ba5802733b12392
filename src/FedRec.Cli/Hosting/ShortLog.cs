using Microsoft.Extensions.Logging;

namespace FedRec.Cli.Hosting;

/// <summary>Logs to standard error, one line each; causes are named, stack traces are shown with <c>--verbose</c> only.</summary>
internal sealed class ShortLog(TextWriter error, bool verbose) : ILoggerProvider
{
    private const int MaxLength = 300;
    private readonly Lock _gate = new();

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName[(categoryName.LastIndexOf('.') + 1)..]);

    public void Dispose()
    {
    }

    private void Write(LogLevel level, string category, string message, Exception? exception)
    {
        var cause = exception is null || verbose ? "" : $" ({FirstLine(Failure.CauseOf(exception))})";
        var line = $"{level.ToString().ToLowerInvariant()}: {category}: {(verbose ? message : FirstLine(message))}{cause}";
        lock (_gate)
        {
            error.WriteLine(line);
            if (verbose && exception is not null)
            {
                error.WriteLine(exception);
            }
        }
    }

    private static string FirstLine(string text)
    {
        var line = text.AsSpan().Trim();
        var end = line.IndexOfAny('\r', '\n');
        line = end < 0 ? line : line[..end];
        return line.Length <= MaxLength ? line.ToString() : string.Concat(line[..MaxLength], "…");
    }

    private sealed class Category(ShortLog log, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Write(logLevel, name, formatter(state, exception), exception);
    }
}
