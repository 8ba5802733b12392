namespace FedRec.Contracts.Runs;

/// <summary>How the server turns the mean delta into the next parameters.</summary>
[GenerateSerializer, Immutable, Alias("fedrec.server-optimizer")]
public sealed record ServerOptimizerSettings
{
    /// <summary><c>sgd</c>, <c>adagrad</c>, <c>adam</c>, <c>yogi</c>, or <c>default</c> for the learner's own choice. <c>fedavg</c>,
    /// <c>fedavgm</c> (<c>sgd</c> with momentum 0.9 unless another is given), <c>fedadagrad</c>, <c>fedadam</c> and <c>fedyogi</c> are
    /// other names of the same. Default: default.</summary>
    [Id(0)] public string Name { get; init; } = "default";

    /// <summary>Server learning rate at its highest; 0 takes the default of the learner or of the optimizer. Default: 0.</summary>
    [Id(1)] public double LearningRate { get; init; }

    /// <summary>Momentum of <c>sgd</c>, in [0, 1). Default: 0.</summary>
    [Id(2)] public double Momentum { get; init; }

    /// <summary>First-moment decay of <c>adam</c> and <c>yogi</c>, in [0, 1). Default: 0.9.</summary>
    [Id(3)] public double Beta1 { get; init; } = 0.9;

    /// <summary>Second-moment decay of <c>adam</c> and <c>yogi</c>, in [0, 1). Default: 0.99.</summary>
    [Id(4)] public double Beta2 { get; init; } = 0.99;

    /// <summary>Added to the root of the second moment of <c>adagrad</c>, <c>adam</c> and <c>yogi</c>. Default: 1e-8.</summary>
    [Id(5)] public double Epsilon { get; init; } = 1e-8;

    /// <summary>Lets <c>adam</c> go without bias correction, as in Reddi et al. 2021. Default: false.</summary>
    [Id(6)] public bool SkipBiasCorrection { get; init; }

    /// <summary>How the learning rate goes on after warm-up: <c>constant</c>, <c>step</c>, <c>exponential</c> or <c>cosine</c>. Default: constant.</summary>
    [Id(7)] public string Schedule { get; init; } = "constant";

    /// <summary>Rounds in which the learning rate rises linearly to its full value. Default: 0.</summary>
    [Id(8)] public int WarmupRounds { get; init; }

    /// <summary>Factor of <c>step</c> and <c>exponential</c>, in (0, 1]. Default: 0.5.</summary>
    [Id(9)] public double Decay { get; init; } = 0.5;

    /// <summary>Rounds in which the decay takes effect once; 0 for a third of the rounds after warm-up. Default: 0.</summary>
    [Id(10)] public int DecayEvery { get; init; }

    /// <summary>Share of the learning rate that <c>cosine</c> ends near, in [0, 1). Default: 0.</summary>
    [Id(11)] public double FinalShare { get; init; }
}
