using System.Text.Json;
using FedRec.Cli;

namespace FedRec.Integration.Tests.Cli;

/// <summary>Runs one command line in this process, as the program does, and keeps what it wrote.</summary>
internal sealed record CommandRun(int ExitCode, string Out, string Error)
{
    public JsonElement Json => JsonDocument.Parse(Out).RootElement;

    /// <param name="folder">The current folder of the command; its data folder is inside.</param>
    /// <param name="variables">Environment beside PATH and the data folder.</param>
    /// <param name="arguments">As typed.</param>
    public static Task<CommandRun> OfAsync(string folder, IReadOnlyDictionary<string, string>? variables, params string[] arguments) =>
        OfAsync(folder, variables, CancellationToken.None, arguments);

    public static Task<CommandRun> OfAsync(string folder, params string[] arguments) => OfAsync(folder, null, CancellationToken.None, arguments);

    public static async Task<CommandRun> OfAsync(string folder, IReadOnlyDictionary<string, string>? variables, CancellationToken cancellationToken, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var terminal = Terminal(folder, output, error, variables);
        var code = await CliApp.RunAsync(arguments, terminal, cancellationToken);
        return new CommandRun(code, output.ToString(), error.ToString());
    }

    public static Terminal Terminal(string folder, TextWriter? output = null, TextWriter? error = null, IReadOnlyDictionary<string, string>? variables = null)
    {
        var all = new Dictionary<string, string>
        {
            ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "",
            ["FEDREC_DATA_HOME"] = Path.Combine(folder, "home"),
        };
        foreach (var (name, value) in variables ?? new Dictionary<string, string>())
        {
            all[name] = value;
        }

        return new Terminal { Out = output ?? TextWriter.Null, Error = error ?? TextWriter.Null, Folder = folder, Variables = all };
    }
}
