using System.CommandLine;
using FedRec.Contracts.Runs;
using FedRec.Core.Personalization;

namespace FedRec.Cli.Commands;

/// <summary>The options of personalisation.</summary>
internal sealed class PersonalOptions
{
    private static readonly PersonalizationOptions s_default = new();

    private readonly Option<string> _method = TypedOptions.Word(
        "--personalize", "How clients make the shared model their own when they score: by further training, by a private item table beside the shared one, by a part of the way to a local model, or by the model of their cluster of clients.",
        "none", [.. PersonalizationOptions.Names]);

    private readonly Option<int> _steps = TypedOptions.Number("--personal-steps", "Local steps of a client, with fine-tune, additive or interpolate.", s_default.Steps, 0, 1_000);

    private readonly Option<double?> _rate = TypedOptions.NotNegativeOrNone("--personal-rate", "Size of a client's steps, with fine-tune, additive or interpolate; default is 0.1.", 1_000);

    private readonly Option<double> _l1 = TypedOptions.NotNegative("--personal-l1", "L1 of the private item table of additive.", s_default.L1);

    private readonly Option<double> _l2 = TypedOptions.NotNegative("--personal-l2", "L2 of the private item table of additive.", s_default.L2);

    private readonly Option<int> _clusters = TypedOptions.Number("--personal-clusters", "Number of clusters: clients with similar updates, who have a model of their own.", s_default.Clusters, 1, 16);

    private readonly Option<int?> _warmUp = TypedOptions.NumberOrNone(
        "--personal-warm-up", "Rounds in which the clusters form before their models part from the shared one; default is half of the rounds.", 1, 1_000_000);

    /// <summary>Which method.</summary>
    public Option Method => _method;

    public OptionGroup Group => new("Personalisation", [_method, _steps, _rate, _l1, _l2, _clusters, _warmUp]);

    /// <summary>What is asked for; null for none.</summary>
    /// <exception cref="CliException">An option is given that the method does not have.</exception>
    public PersonalizationSettings? Read(CommandContext context)
    {
        var method = context.Value(_method);
        ThrowIfUnused(context, method);
        return method == "none" ? null : new PersonalizationSettings
        {
            Method = method,
            Steps = context.Value(_steps),
            LearningRate = context.Value(_rate),
            L1 = context.Value(_l1),
            L2 = context.Value(_l2),
            Clusters = context.Value(_clusters),
            ClusterWarmUp = context.Value(_warmUp),
        };
    }

    /// <summary>The options that a method does not have.</summary>
    /// <param name="method">As <c>--personalize</c> names it.</param>
    public IReadOnlyList<Option> Unused(string method) => method switch
    {
        "none" => [_clusters, _warmUp, _steps, _rate, _l1, _l2],
        "clusters" => [_steps, _rate, _l1, _l2],
        _ => [_clusters, _warmUp],
    };

    // What would be ignored is an error: otherwise its effect would be looked for in vain.
    private void ThrowIfUnused(CommandContext context, string method)
    {
        if (Unused(method).FirstOrDefault(option => context.IsGiven(option)) is not { } unused)
        {
            return;
        }

        throw unused == _clusters || unused == _warmUp
            ? new CliException(ExitCode.Usage, $"{unused.Name} needs --personalize clusters.", "Add --personalize clusters, or leave it out.")
            : new CliException(ExitCode.Usage, $"{unused.Name} needs --personalize with a local training.", "Take --personalize fine-tune, additive or interpolate.");
    }
}
