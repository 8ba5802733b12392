using FedRec.Contracts.Runs;
using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;

namespace FedRec.Grains.Requests;

/// <summary>Completes, checks and converts what a request says of the server's steps.</summary>
internal static class ServerOptimizers
{
    private const double UsualMomentum = 0.9; // of FedAvgM, Hsu et al. 2019

    /// <summary>Fills in the optimizer's name and learning rate where the request leaves a choice.</summary>
    public static ServerOptimizerSettings WithDefaults(ServerOptimizerSettings settings, ServerOptimizerOptions recommended)
    {
        var name = settings.Name == "default" ? recommended.Name : ServerOptimizerOptions.NameOf(settings.Name);
        return settings with
        {
            Name = name,
            LearningRate = settings.LearningRate > 0 ? settings.LearningRate
                : StepsAlike(name, recommended.Name) ? recommended.LearningRate
                : ServerOptimizerOptions.DefaultLearningRate(name),
            Momentum = settings is { Name: "fedavgm", Momentum: 0 } ? UsualMomentum : settings.Momentum,
        };
    }

    /// <summary>Checks everything but the number of rounds.</summary>
    /// <exception cref="ArgumentException">The name is unknown or a value is out of range; the message says what is allowed.</exception>
    public static void Validate(ServerOptimizerSettings settings)
    {
        ToSchedule(settings).ThrowUnlessValid();
        _ = ToOptions(settings).Create();
    }

    /// <summary>The optimizer of one round: the schedule sets its learning rate.</summary>
    public static IServerOptimizer Create(ServerOptimizerSettings settings, int round, int rounds) =>
        (ToOptions(settings) with { LearningRate = settings.LearningRate * ToSchedule(settings).FactorAt(round, rounds) }).Create();

    /// <summary>Tells whether the settings are a given optimizer with the same learning rate in every round.</summary>
    public static bool IsPlain(ServerOptimizerSettings settings, ServerOptimizerOptions given) =>
        ToOptions(settings) == given && settings is { Schedule: "constant", WarmupRounds: 0 };

    private static bool StepsAlike(string one, string other) => one == other || (one is "adam" or "yogi" && other is "adam" or "yogi");

    private static LearningRateSchedule ToSchedule(ServerOptimizerSettings settings) => new()
    {
        Name = settings.Schedule,
        WarmupRounds = settings.WarmupRounds,
        Decay = settings.Decay,
        DecayEvery = settings.DecayEvery,
        FinalShare = settings.FinalShare,
    };

    public static ServerOptimizerOptions ToOptions(ServerOptimizerSettings settings) => new()
    {
        Name = settings.Name,
        LearningRate = settings.LearningRate,
        Momentum = settings.Momentum,
        Beta1 = settings.Beta1,
        Beta2 = settings.Beta2,
        Epsilon = settings.Epsilon,
        SkipBiasCorrection = settings.SkipBiasCorrection,
    };
}
