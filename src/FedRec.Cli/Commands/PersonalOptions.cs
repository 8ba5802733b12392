using System.CommandLine;
using FedRec.Contracts.Runs;
using FedRec.Core.Personalization;

namespace FedRec.Cli.Commands;

/// <summary>The options of personalisation.</summary>
internal sealed class PersonalOptions
{
    private static readonly PersonalizationOptions s_default = new();

    private readonly Option<string> _method = TypedOptions.Word(
        "--personalize", "How clients make the shared model their own when they score: by further training, by a private item table beside the shared one, or by a part of the way to a local model.",
        "none", [.. PersonalizationOptions.Names]);

    private readonly Option<int> _steps = TypedOptions.Number("--personal-steps", "Local steps of a client.", s_default.Steps, 0, 1_000);

    private readonly Option<double?> _rate = TypedOptions.NotNegativeOrNone("--personal-rate", "Size of a client's steps; default is the learner's own choice.", 1_000);

    private readonly Option<double> _l1 = TypedOptions.NotNegative("--personal-l1", "L1 of the private item table.", s_default.L1);

    private readonly Option<double> _l2 = TypedOptions.NotNegative("--personal-l2", "L2 of the private item table.", s_default.L2);

    public IReadOnlyList<Option> All => [_method, _steps, _rate, _l1, _l2];

    /// <summary>What is asked for; null for none.</summary>
    /// <exception cref="CliException">An option of personalisation is given without a method.</exception>
    public PersonalizationSettings? Read(CommandContext context)
    {
        var method = context.Value(_method);
        if (method != "none")
        {
            return new PersonalizationSettings
            {
                Method = method,
                Steps = context.Value(_steps),
                LearningRate = context.Value(_rate),
                L1 = context.Value(_l1),
                L2 = context.Value(_l2),
            };
        }

        return All.Skip(1).FirstOrDefault(option => context.Line.GetResult(option) is { Implicit: false }) is { } unused
            ? throw new CliException(ExitCode.Usage, $"{unused.Name} needs --personalize.", "Add --personalize fine-tune, additive or interpolate.")
            : null;
    }
}
