using System.CommandLine;
using FedRec.Core.Data;

namespace FedRec.Cli;

/// <summary>Says what is wrong with a command line that cannot be understood.</summary>
internal static class UsageErrors
{
    public static int Write(ParseResult line, Terminal terminal)
    {
        var command = line.CommandResult.Command;
        // A verb that is not known explains what follows it; elsewhere an option explains its value.
        var unknown = (command.Subcommands.Count > 0 ? [] : line.UnmatchedTokens.Where(t => t.StartsWith('-'))).Concat(line.UnmatchedTokens).FirstOrDefault();
        var what = unknown is null ? line.Errors[0].Message : $"'{unknown}' is not known to {Path(line)}.";
        var next = unknown is null ? null : Suggest(unknown, line);
        if (unknown is null && command.Subcommands.Count > 0)
        {
            line.RootCommandResult.Command.Parse([.. line.Tokens.Select(t => t.Value), "--help"]).Invoke(new InvocationConfiguration { Output = terminal.Error });
            what = $"{Path(line)} needs a verb: {string.Join(", ", command.Subcommands.Select(c => c.Name))}.";
        }

        new Failure(ExitCode.Usage, what, next ?? $"{Path(line)} --help shows what there is, with examples.").Write(terminal.Error);
        return ExitCode.Usage;
    }

    private static string? Suggest(string unknown, ParseResult line)
    {
        var command = line.CommandResult.Command;
        IEnumerable<string> known = unknown.StartsWith('-')
            ? command.Options.Concat(line.RootCommandResult.Command.Options.Where(o => o.Recursive)).SelectMany(o => o.Aliases.Append(o.Name))
            : command.Subcommands.Select(c => c.Name);
        return (NearestName.Find(unknown, known) ?? Elsewhere(unknown, line.RootCommandResult.Command)) is { } close
            ? $"Did you mean {close}? {Path(line)} --help shows what there is." : null;
    }

    // A verb that stands below others, such as list, which is run list or model list.
    private static string? Elsewhere(string verb, Command root) => Below(root, "fedrec").Where(path => path.EndsWith($" {verb}", StringComparison.Ordinal)).ToArray() switch
    {
        [] => null,
        [var only] => only,
        [.. var first, var last] => $"{string.Join(", ", first)} or {last}",
    };

    private static IEnumerable<string> Below(Command command, string path) =>
        command.Subcommands.SelectMany(child => Below(child, $"{path} {child.Name}").Prepend($"{path} {child.Name}"));

    /// <summary>The program and the verbs of a line, such as <c>fedrec model list</c>.</summary>
    public static string Path(ParseResult line)
    {
        var names = new List<string>();
        for (var result = line.CommandResult; result is not null; result = result.Parent as System.CommandLine.Parsing.CommandResult)
        {
            names.Insert(0, result.Command is RootCommand ? "fedrec" : result.Command.Name);
        }

        return string.Join(' ', names);
    }
}
