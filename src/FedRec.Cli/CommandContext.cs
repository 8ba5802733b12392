using System.CommandLine;
using FedRec.Cli.Commands;
using FedRec.Cli.Configuration;
using FedRec.Cli.Output;

namespace FedRec.Cli;

/// <summary>What a verb works with: the terminal, the resolved configuration and what was given on the line.</summary>
internal sealed class CommandContext(Terminal terminal, ParseResult line)
{
    private readonly Lazy<FedRecSettings> _settings = new(() => SettingsLoader.Load(
        terminal, line.GetValue(CommonOptions.Config), line.GetValue(CommonOptions.Profile), line.GetValue(CommonOptions.Set) ?? [], AddressOf(line) is null ? line.GetValue(CommonOptions.Cluster) : null));

    public Terminal Terminal => terminal;

    public ParseResult Line => line;

    public FedRecSettings Settings => _settings.Value;

    /// <summary>Where this process keeps what outlives it.</summary>
    public string DataFolder => Settings.Host.Data;

    /// <summary>Where the FedRec answers that <c>--cluster</c> names by its address; null where it is named otherwise, or not at all.</summary>
    public Uri? ClusterAddress => AddressOf(line);

    public OutputFormat Format => line.GetValue(CommonOptions.Format);

    public bool Quiet => line.GetValue(CommonOptions.Quiet);

    public bool Verbose => line.GetValue(CommonOptions.Verbose);

    /// <summary>A path as the user means it: relative to the current folder.</summary>
    public string FullPath(string path) => Path.GetFullPath(path, terminal.Folder);

    /// <summary>The value of an option; its default where it is not given, or where the verb does not offer it.</summary>
    public T Value<T>(Option<T> option) => line.GetResult(option) is null && option.HasDefaultValue ? (T)option.GetDefaultValue()! : line.GetValue(option)!;

    public T Value<T>(Argument<T> argument) => line.GetValue(argument)!;

    /// <summary>Whether an option stands on the line, be it with its default.</summary>
    public bool IsGiven(Option option) => line.GetResult(option) is { Implicit: false };

    /// <summary>Does what cannot be interrupted, such as reading a pipe that nobody writes to: a cancelled command leaves it behind.</summary>
    public static Task<T> ReadAsync<T>(Func<T> read, CancellationToken cancellationToken) => Task.Run(read, cancellationToken).WaitAsync(cancellationToken);

    /// <summary>One line for people on standard error, unless <c>--quiet</c>.</summary>
    public void Say(string text)
    {
        if (!Quiet)
        {
            terminal.Error.WriteLine(Text.Printable(text));
        }
    }

    public void Write<T>(T json, params ResultTable[] tables) => Answer.Write(terminal, Format, json, tables);

    private static Uri? AddressOf(ParseResult line) => line.GetValue(CommonOptions.Cluster) is { } given && given.Contains("://", StringComparison.Ordinal)
        ? Uri.TryCreate(given, UriKind.Absolute, out var address) && address is { Scheme: "http" or "https", Query: "", Fragment: "", UserInfo: "" } ? address
            : throw new CliException(ExitCode.Usage, $"--cluster {given} is no address of a FedRec.", "Write it as http://host:5080 or https://host/fedrec.")
        : null;
}
