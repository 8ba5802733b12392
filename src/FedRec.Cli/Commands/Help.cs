using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace FedRec.Cli.Commands;

/// <summary>Adds examples to the help of a verb.</summary>
internal static class Help
{
    private static readonly Dictionary<Command, string[]> s_examples = [];

    /// <summary>Gives a verb its examples.</summary>
    public static Command WithExamples(this Command command, params string[] examples)
    {
        s_examples[command] = examples;
        return command;
    }

    /// <summary>Makes <c>--help</c> of the whole tree show the examples after the options.</summary>
    public static void Install(RootCommand root)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        option.Action = new HelpWithExamples((HelpAction)option.Action!);
    }

    private sealed class HelpWithExamples(HelpAction inner) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var code = inner.Invoke(parseResult);
            if (s_examples.TryGetValue(parseResult.CommandResult.Command, out var examples))
            {
                var output = parseResult.InvocationConfiguration.Output;
                output.WriteLine("Examples:");
                foreach (var example in examples)
                {
                    output.WriteLine("  " + example);
                }

                output.WriteLine();
            }

            return code;
        }
    }
}
