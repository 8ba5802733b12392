using System.Collections.Immutable;
using System.CommandLine;
using FedRec.Core.Data;
using FedRec.Core.Learners;

namespace FedRec.Cli.Commands;

/// <summary>The learner and its own options, made from what the learners say of themselves.</summary>
internal sealed class LearnerArguments
{
    private readonly List<Option<string?>> _options = [.. LearnerRegistry.All.SelectMany(learner => learner.Options).DistinctBy(option => option.Name)
        .Select(option => new Option<string?>($"--{option.Name}") { HelpName = HelpName(option) })];

    public Option<string> Learner { get; } = new("--learner")
    {
        Description = $"What is learned: {string.Join(", ", LearnerRegistry.All.Select(l => $"{l.Name} ({l.Summary})"))}.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "mf",
    };

    /// <summary>The options of all learners; each names its learner.</summary>
    public IEnumerable<Option> Own => _options;

    /// <summary>Makes the options of all learners known to a verb; each learner has a page of help for its own.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in _options)
        {
            command.Add(option);
        }

        command.WithTopics(Topic);
    }

    /// <summary>The chosen learner and the options given for it.</summary>
    /// <exception cref="CliException">There is no such learner, or an option is not one of its own.</exception>
    public (string Name, ImmutableSortedDictionary<string, string> Options) Read(CommandContext context)
    {
        var name = context.Value(Learner);
        var learner = Find(name);
        var given = _options.Where(o => context.Value(o) is not null).ToImmutableSortedDictionary(o => o.Name[2..], o => context.Value(o)!, StringComparer.Ordinal);
        try
        {
            learner.Recommended(given); // reads and checks every value
            learner.ThrowIfIdle(given);
            return (name, given);
        }
        catch (ArgumentException e)
        {
            throw new CliException(ExitCode.Usage, e.Message, $"fedrec simulate --learner {name} --help shows its options.", e);
        }
    }

    /// <summary>The page of the learner that a line names; null when it names none.</summary>
    /// <exception cref="CliException">There is no such learner.</exception>
    private HelpTopic? Topic(ParseResult line)
    {
        if (line.GetResult(Learner) is not { Implicit: false, Tokens: [var name, ..] })
        {
            return null;
        }

        var learner = Find(name.Value);
        return new HelpTopic(
            $"{learner.Name}, {learner.Summary}", [.. learner.Options.Select(Row)], $"{UsageErrors.Path(line)} --help shows the options that all learners share.");
    }

    private static LearnerDescriptor Find(string name) => LearnerRegistry.All.FirstOrDefault(learner => learner.Name == name)
        ?? throw new CliException(ExitCode.Usage, $"There is no learner '{name}'.", NearestName.Sentence(name, [.. LearnerRegistry.All.Select(learner => learner.Name)]));

    private static (string Label, string Text) Row(LearnerOption option) => (
        $"--{option.Name} <{HelpName(option)}>",
        $"{option.Description}{(option.Where is { } where ? $" Only for {where}." : "")}{(option.Kind is LearnerOptionKind.Choice ? "" : $" From {option.Range}.")} [default: {option.Default}]");

    private static string HelpName(LearnerOption option) => option.Kind switch
    {
        LearnerOptionKind.Choice => string.Join('|', option.Choices),
        LearnerOptionKind.WholeNumber => "N",
        _ => "X",
    };
}
