using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.CompilerServices;

namespace FedRec.Cli.Commands;

/// <summary>What the help of a verb has beyond the library's: options in groups, a page for one value of an option, examples.</summary>
internal static class Help
{
    private static readonly ConditionalWeakTable<Command, Content> s_contents = [];

    /// <summary>Gives a verb its examples.</summary>
    public static Command WithExamples(this Command command, params string[] examples)
    {
        s_contents.GetOrCreateValue(command).Examples = examples;
        return command;
    }

    /// <summary>Gives a verb its options, which its help shows in these groups.</summary>
    public static Command WithOptions(this Command command, IReadOnlyList<OptionGroup> groups)
    {
        foreach (var option in groups.SelectMany(group => group.Options))
        {
            command.Add(option);
        }

        s_contents.GetOrCreateValue(command).Groups = groups;
        return command;
    }

    /// <summary>Gives a verb pages that stand in place of its whole help, such as that of a learner for <c>--learner NAME --help</c>.</summary>
    /// <param name="command">The verb.</param>
    /// <param name="find">The page that a line asks for; null for the whole help.</param>
    public static Command WithTopics(this Command command, Func<ParseResult, HelpTopic?> find)
    {
        s_contents.GetOrCreateValue(command).FindTopic = find;
        return command;
    }

    /// <summary>Makes <c>--help</c> of the whole tree show all that.</summary>
    public static void Install(RootCommand root, Terminal terminal)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        option.Action = new RicherHelp((HelpAction)option.Action!, terminal);
    }

    private sealed class Content
    {
        public IReadOnlyList<string> Examples { get; set; } = [];

        public IReadOnlyList<OptionGroup> Groups { get; set; } = [];

        public Func<ParseResult, HelpTopic?> FindTopic { get; set; } = _ => null;
    }

    private sealed class RicherHelp(HelpAction inner, Terminal terminal) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var content = s_contents.GetOrCreateValue(parseResult.CommandResult.Command);
            var page = new HelpPage(parseResult.InvocationConfiguration.Output, terminal.Width);
            try
            {
                if (content.FindTopic(parseResult) is { } topic)
                {
                    page.Write(topic);
                    return ExitCode.Ok;
                }
            }
            catch (CliException e)
            {
                Failure.From(e).Write(terminal.Error);
                return e.ExitCode;
            }

            if (content.Groups.Count > 0)
            {
                page.Write(parseResult, content.Groups);
            }
            else
            {
                inner.Invoke(parseResult);
            }

            page.WriteExamples(content.Examples);
            return ExitCode.Ok;
        }
    }
}
