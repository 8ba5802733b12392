using System.Globalization;

namespace FedRec.Core.Federation.ServerOptimizers;

/// <summary>Which server optimizer steps, and how.</summary>
public sealed record ServerOptimizerOptions
{
    /// <summary>The names, without their aliases.</summary>
    public static IReadOnlyList<string> Names { get; } = ["sgd", "adagrad", "adam", "yogi"];

    /// <summary>The names that the literature has for them. <c>fedavgm</c> is <c>sgd</c> with momentum.</summary>
    public static IReadOnlyList<string> Aliases { get; } = ["fedavg", "fedavgm", "fedadagrad", "fedadam", "fedyogi"];

    /// <summary><c>sgd</c>, <c>adagrad</c>, <c>adam</c> or <c>yogi</c>. Default: sgd.</summary>
    public string Name { get; init; } = "sgd";

    /// <summary>η; finite and greater than 0. Default: 1, which with <c>sgd</c> is federated averaging.</summary>
    public double LearningRate { get; init; } = 1;

    /// <summary>μ of <c>sgd</c>, in [0, 1). Default: 0.</summary>
    public double Momentum { get; init; }

    /// <summary>β₁ of <c>adam</c> and <c>yogi</c>, in [0, 1). Default: 0.9.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>β₂ of <c>adam</c> and <c>yogi</c>, in [0, 1). Default: 0.99.</summary>
    public double Beta2 { get; init; } = 0.99;

    /// <summary>ε of the adaptive ones, the τ of Reddi et al. 2021; finite and greater than 0. Default: 1e-8.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Makes <c>adam</c> the FedAdam of Reddi et al. 2021 to the letter. Default: false.</summary>
    public bool SkipBiasCorrection { get; init; }

    /// <summary>The name that an alias stands for; any other name stays as it is.</summary>
    public static string NameOf(string nameOrAlias) => nameOrAlias switch
    {
        "fedavg" or "fedavgm" => "sgd",
        "fedadagrad" or "fedadam" or "fedyogi" => nameOrAlias[3..],
        _ => nameOrAlias,
    };

    /// <summary>η where nothing else is known: 1 for <c>sgd</c>, 0.1 for <c>adagrad</c>, whose steps shrink, 0.01 for the others.</summary>
    public static double DefaultLearningRate(string name) => name switch
    {
        "sgd" => 1,
        "adagrad" => 0.1,
        _ => 0.01,
    };

    /// <summary>The optimizer with these settings.</summary>
    /// <exception cref="ArgumentException">The name is unknown or a value is outside its range.</exception>
    public IServerOptimizer Create() => NameOf(Name) switch
    {
        "sgd" => new SgdOptimizer(LearningRate, Momentum),
        "adagrad" => new AdagradOptimizer(LearningRate, Epsilon),
        "adam" => new AdamOptimizer(LearningRate, Beta1, Beta2, Epsilon, !SkipBiasCorrection),
        "yogi" => new YogiOptimizer(LearningRate, Beta1, Beta2, Epsilon),
        _ => throw new ArgumentException($"There is no server optimizer '{Name}'; known are adagrad, adam, sgd and yogi."),
    };
}

/// <summary>The two ranges that optimizer settings have.</summary>
internal static class OptimizerRange
{
    public static double Positive(double value, string name) => double.IsFinite(value) && value > 0
        ? value
        : throw Outside(value, name, "finite and greater than 0");

    public static double Decay(double value, string name) => value is >= 0 and < 1 ? value : throw Outside(value, name, "in [0, 1)");

    private static ArgumentException Outside(double value, string name, string range) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; it must be {range}."), name);
}
