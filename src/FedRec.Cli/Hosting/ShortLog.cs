using FedRec.Hosting.Azurite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
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

/// <summary>A host inside a command.</summary>
internal static class QuietLog
{
    private static readonly string[] s_libraries = ["Orleans", "Microsoft.Orleans", "Polly", "Azure"];

    /// <summary>Logs go to standard error, so that standard output holds the answer only; and no second Ctrl-C handler.</summary>
    public static void AddQuietLog(this IHostApplicationBuilder builder, CommandContext context)
    {
        var level = context.Settings.Log.LogLevel;
        builder.Logging.ClearProviders();
        builder.Services.Configure<LoggerFilterOptions>(options => options.Rules.Clear()); // an appsettings.json beside the program is of another one
        builder.Logging.AddProvider(new ShortLog(context.Terminal.Error, context.Verbose));
        builder.Logging.SetMinimumLevel(context is { Quiet: true, Verbose: false } && level < LogLevel.Error ? LogLevel.Error : level);
        if (context.Quiet || level == LogLevel.Warning)
        {
            // Busy machines, calls of a silo that stops, stores that are away for a moment: what matters of it reaches the caller as an error.
            foreach (var library in s_libraries)
            {
                builder.Logging.AddFilter(library, context.Verbose ? LogLevel.Error : LogLevel.None);
            }
        }

        builder.Services.AddSingleton<IHostLifetime, CommandLifetime>();
    }

    /// <summary>The command decides when the host starts and stops.</summary>
    private sealed class CommandLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

/// <summary>Shows on standard error what takes time before a store is there: a line that fills on a screen, elsewhere a line for each quarter.</summary>
/// <remarks>Not <see cref="Progress{T}"/>, which reports from another thread, after the command has gone on.</remarks>
internal sealed class SetupProgress(CommandContext context) : IProgress<SetupStep>
{
    private const int BarWidth = 24;
    private int _quarter;

    public void Report(SetupStep value)
    {
        if (value.Of > 0 && !context.Quiet)
        {
            ReportCount(value);
        }
        else if (value.Of == 0 && (context.Verbose || !value.Text.StartsWith("The storage emulator listens", StringComparison.Ordinal)))
        {
            context.Say(value.Text); // what takes time; that it came up as always is no news
        }
    }

    private void ReportCount(SetupStep step)
    {
        var (error, isLast) = (context.Terminal.Error, step.Done == step.Of);
        if (context.Terminal.ErrorIsScreen)
        {
            var filled = BarWidth * step.Done / step.Of;
            error.Write($"  [{new string('#', filled)}{new string('.', BarWidth - filled)}] {step.Done} of {step.Of} {step.Text}{(isLast ? Environment.NewLine : "\r")}");
        }
        else if (4 * step.Done / step.Of is var quarter && quarter > _quarter)
        {
            _quarter = quarter;
            error.WriteLine($"  {step.Done} of {step.Of} {step.Text}");
        }
    }
}
