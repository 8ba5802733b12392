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
        foreach (var sameName in LearnerRegistry.All.SelectMany(learner => learner.Options.Select(option => (learner, option))).GroupBy(o => o.option.Name, StringComparer.Ordinal))
        {
            _options.Add(new Option<string?>($"--{sameName.Key}")
            {
                Description = string.Join(" ", sameName.Select(o => $"[{o.learner.Name}] {o.option.Description} [default: {o.option.Default}]")),
                HelpName = "VALUE",
            });
        }
    }

    public Option<string> Learner { get; } = new("--learner")
    {
        Description = $"What is learned: {string.Join(", ", LearnerRegistry.All.Select(l => $"{l.Name} ({l.Summary})"))}.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "mf",
    };

    public IEnumerable<Option> All => [Learner, .. _options];

    /// <summary>The chosen learner and the options given for it.</summary>
    /// <exception cref="CliException">There is no such learner, or an option is not one of its own.</exception>
    public (string Name, ImmutableSortedDictionary<string, string> Options) Read(CommandContext context)
    {
        var name = context.Value(Learner);
        var learner = LearnerRegistry.All.FirstOrDefault(l => l.Name == name)
            ?? throw new CliException(ExitCode.Usage, $"There is no learner '{name}'.", Suggestion.Sentence(name, [.. LearnerRegistry.All.Select(l => l.Name)]));
        var given = _options.Where(o => context.Value(o) is not null).ToImmutableSortedDictionary(o => o.Name[2..], o => context.Value(o)!, StringComparer.Ordinal);
        var known = learner.Options.Select(o => o.Name).ToList();
        return given.Keys.FirstOrDefault(key => !known.Contains(key)) is { } foreign
            ? throw new CliException(ExitCode.Usage, $"The learner {name} has no option --{foreign}.", Suggestion.Sentence(foreign, known))
            : (name, given);
    }
}
