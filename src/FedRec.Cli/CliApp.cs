using System.CommandLine;
using System.CommandLine.Invocation;
using System.Data.Common;
using FedRec.Cli.Commands;
using FedRec.Cli.Comparisons;
using Microsoft.Data.Sqlite;

namespace FedRec.Cli;

/// <summary>The command line: parses, runs a verb, and turns every error into a sentence and an exit code.</summary>
internal static class CliApp
{
    /// <summary>Runs one command line.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken cancellationToken = default)
    {
        DbProviderFactories.RegisterFactory("Microsoft.Data.Sqlite", SqliteFactory.Instance); // for files of interactions that are databases
        var root = CreateRoot(terminal);
        var line = root.Parse(args);
        if (line.Action is ParseErrorAction || line.UnmatchedTokens.Count > 0) // the latter with --help, which would show the help of something else
        {
            return UsageErrors.Write(line, terminal);
        }

        var configuration = new InvocationConfiguration
        {
            Output = terminal.Out,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null, // see EndSignals
        };
        return await line.InvokeAsync(configuration, cancellationToken);
    }

    /// <summary>Makes a verb's work its action, with errors reported in one way.</summary>
    public static void Run(this Command command, Terminal terminal, Func<CommandContext, CancellationToken, Task<int>> work) =>
        command.SetAction((line, cancellationToken) => GuardAsync(new CommandContext(terminal, line), work, cancellationToken));

    internal static RootCommand CreateRoot(Terminal terminal)
    {
        var root = new RootCommand("FedRec trains a recommender from many parties without collecting their data, keeps every version, and serves it.");
        foreach (var option in CommonOptions.All)
        {
            root.Add(option);
        }

        foreach (var verb in Verbs.Create(terminal))
        {
            root.Add(verb);
        }

        root.WithExamples(
            "fedrec demo --once                          the whole way once, on built-in data",
            "fedrec serve                                silo, API and page in one process; everything there after a restart",
            "fedrec simulate --data ml-100k/u.data       train on your own interactions",
            "fedrec recommend u17 --explain              ask the model in use");
        Help.Install(root, terminal);
        return root;
    }

    private static async Task<int> GuardAsync(CommandContext context, Func<CommandContext, CancellationToken, Task<int>> work, CancellationToken cancellationToken)
    {
        try
        {
            _ = context.Settings; // a configuration that is not right is told before anything is done
            return await work(context, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            var terminating = context.Terminal.Terminating.IsCancellationRequested;
            context.Terminal.Error.WriteLine(terminating ? "Terminated." : "Cancelled.");
            return terminating ? ExitCode.Terminated : ExitCode.Cancelled;
        }
#pragma warning disable CA1031 // the outermost place: whatever went wrong is told to the user, with the right exit code
        catch (Exception e)
#pragma warning restore CA1031
        {
            var failure = Failure.From(e);
            failure.Write(context.Terminal.Error);
            if (context.Verbose)
            {
                context.Terminal.Error.WriteLine(string.Join(Environment.NewLine, e.ToString().Split('\n').Select(line => Output.Text.Printable(line.TrimEnd('\r')))));
            }

            return failure.ExitCode;
        }
    }
}

/// <summary>All verbs, in the order in which help shows them.</summary>
internal static class Verbs
{
    public static IEnumerable<Command> Create(Terminal terminal) =>
    [
        DemoCommand.Create(terminal),
        ServeCommand.Create(terminal),
        UpCommand.Create(terminal),
        SiloCommand.Create(terminal),
        SimulateCommand.Create(terminal),
        CompareCommand.Create(terminal),
        EvalCommand.Create(terminal),
        RecommendCommand.Create(terminal),
        SimilarCommand.Create(terminal),
        HistoryCommand.Create(terminal),
        PrivacyCommand.Create(terminal),
        OrganisationCommand.Create(terminal),
        PartyCommand.Create(terminal),
        ImportCommand.Create(terminal),
        TrainCommand.Create(terminal),
        RunCommand.Create(terminal),
        ModelCommand.Create(terminal),
        AccessCommand.Create(terminal),
        StoreCommand.Create(terminal),
        DataCommand.Create(terminal),
        BenchCommand.Create(terminal),
        DoctorCommand.Create(terminal),
    ];
}
