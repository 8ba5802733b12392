using System.Collections.Immutable;
using System.CommandLine;
using FedRec.Core.Models;

namespace FedRec.Cli.Commands;

/// <summary>The learner and its own options, made from what the learners say of themselves.</summary>
internal sealed class LearnerArguments
{
    private readonly List<Option<string?>> _options = [];

    public LearnerArguments()
    {
        var offered = LearnerRegistry.All.SelectMany(learner => learner.Options.Select(option => (learner.Name, Option: option)));
        foreach (var sameName in offered.GroupBy(o => o.Option.Name, StringComparer.Ordinal))
        {
            var description = string.Join(" ", sameName.Select(o => $"({o.Name}) {o.Option.Description} {Range(o.Option)}[default: {o.Option.Default}]"));
            _options.Add(TypedOptions.Text($"--{sameName.Key}", description, HelpName(sameName.First().Option)));
        }
    }

    public Option<string> Learner { get; } = new("--learner")
    {
        Description = $"What is learned: {string.Join(", ", LearnerRegistry.All.Select(l => $"{l.Name} ({l.Summary})"))}.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "mf",
    };

    /// <summary>The options of all learners; each names its learner.</summary>
    public IEnumerable<Option> Own => _options;

    /// <summary>The chosen learner and the options given for it.</summary>
    /// <exception cref="CliException">There is no such learner, or an option is not one of its own.</exception>
    public (string Name, ImmutableSortedDictionary<string, string> Options) Read(CommandContext context)
    {
        var name = context.Value(Learner);
        var learner = LearnerRegistry.All.FirstOrDefault(l => l.Name == name)
            ?? throw new CliException(ExitCode.Usage, $"There is no learner '{name}'.", Suggestion.Sentence(name, [.. LearnerRegistry.All.Select(l => l.Name)]));
        var given = _options.Where(o => context.Value(o) is not null).ToImmutableSortedDictionary(o => o.Name[2..], o => context.Value(o)!, StringComparer.Ordinal);
        try
        {
            learner.Recommended(given); // reads and checks every value
            learner.ThrowIfIdle(given);
            return (name, given);
        }
        catch (ArgumentException e)
        {
            throw new CliException(ExitCode.Usage, e.Message, $"fedrec simulate --help shows the options of {name}.", e);
        }
    }

    private static string Range(LearnerOption option) => option.Kind is LearnerOptionKind.Choice ? "" : $"From {option.Range}. ";

    private static string HelpName(LearnerOption option) => option.Kind switch
    {
        LearnerOptionKind.Choice => string.Join('|', option.Choices),
        LearnerOptionKind.WholeNumber => "N",
        _ => "X",
    };
}
