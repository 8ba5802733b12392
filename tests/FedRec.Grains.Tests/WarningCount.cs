using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace FedRec.Grains.Tests;

/// <summary>Counts warnings, and what is graver, of some parts of the program.</summary>
/// <param name="categories">What the names of these parts begin with.</param>
internal sealed class WarningCount(params string[] categories) : ILoggerProvider, ILogger
{
    private int _count;

    public int Count => _count;

    public ILogger CreateLogger(string categoryName) =>
        categories.Any(category => categoryName.StartsWith(category, StringComparison.Ordinal)) ? this : NullLogger.Instance;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            Interlocked.Increment(ref _count);
        }
    }

    public void Dispose()
    {
    }
}
