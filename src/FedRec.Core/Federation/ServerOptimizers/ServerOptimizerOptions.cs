namespace FedRec.Core.Federation.ServerOptimizers;

/// <summary>Which server optimizer steps, and how.</summary>
public sealed record ServerOptimizerOptions
{
    /// <summary><c>sgd</c> or <c>adam</c>. Default: sgd.</summary>
    public string Name { get; init; } = "sgd";

    /// <summary>η; finite and greater than 0. Default: 1, which with <c>sgd</c> is federated averaging.</summary>
    public double LearningRate { get; init; } = 1;

    /// <summary>μ of <c>sgd</c>, in [0, 1). Default: 0.</summary>
    public double Momentum { get; init; }

    /// <summary>β₁ of <c>adam</c>, in [0, 1). Default: 0.9.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>β₂ of <c>adam</c>, in [0, 1). Default: 0.99.</summary>
    public double Beta2 { get; init; } = 0.99;

    /// <summary>ε of <c>adam</c>; finite and greater than 0. Default: 1e-8.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>The optimizer with these settings.</summary>
    /// <exception cref="ArgumentException">The name is unknown or a value is outside its range.</exception>
    public IServerOptimizer Create() => Name switch
    {
        "sgd" => new SgdOptimizer(LearningRate, Momentum),
        "adam" => new AdamOptimizer(LearningRate, Beta1, Beta2, Epsilon),
        _ => throw new ArgumentException($"There is no server optimizer '{Name}'; known are adam and sgd."),
    };
}
