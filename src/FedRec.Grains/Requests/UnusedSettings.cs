using FedRec.Contracts.Runs;
using FedRec.Core.Personalization;

namespace FedRec.Grains.Requests;

/// <summary>Refuses settings that the chosen method does not have: their effect would be looked for in vain.</summary>
internal static class UnusedSettings
{
    private static readonly string[] s_withMoments = ["adam", "yogi"];
    private static readonly string[] s_adaptive = ["adagrad", .. s_withMoments];
    private static readonly string[] s_decaying = ["step", "exponential"];
    private static readonly ServerOptimizerSettings s_step = new();
    private static readonly PersonalizationSettings s_personal = new();

    /// <summary>Checks a request whose defaults are filled in.</summary>
    /// <exception cref="ArgumentException">A setting differs from its default and is not used; the message says which.</exception>
    public static void ThrowIfAny(RunRequest request)
    {
        var step = request.ServerOptimizer;
        Require(step.Momentum != s_step.Momentum, "server optimizer", step.Name, "momentum", "sgd");
        Require(step.Beta1 != s_step.Beta1, "server optimizer", step.Name, "beta1", s_withMoments);
        Require(step.Beta2 != s_step.Beta2, "server optimizer", step.Name, "beta2", s_withMoments);
        Require(step.Epsilon != s_step.Epsilon, "server optimizer", step.Name, "epsilon", s_adaptive);
        Require(step.SkipBiasCorrection, "server optimizer", step.Name, "bias correction", "adam");
        Require(step.Decay != s_step.Decay, "schedule", step.Schedule, "decay", s_decaying);
        Require(step.DecayEvery != s_step.DecayEvery, "schedule", step.Schedule, "decay-every", s_decaying);
        Require(step.FinalShare != s_step.FinalShare, "schedule", step.Schedule, "final share", "cosine");
        if (request.Personalization is { } personal && PersonalizationOptions.Names.Contains(personal.Method))
        {
            string[] trained = [.. PersonalizationOptions.Names.Where(name => name is not ("clusters" or "none"))];
            Require(personal.Clusters != s_personal.Clusters, "personalization", personal.Method, "clusters", "clusters");
            Require(personal.ClusterWarmUp is not null, "personalization", personal.Method, "cluster warm-up", "clusters");
            Require(personal.Steps != s_personal.Steps, "personalization", personal.Method, "steps", trained);
            Require(personal.LearningRate is not null, "personalization", personal.Method, "learning rate", trained);
            Require(personal.L1 != s_personal.L1, "personalization", personal.Method, "l1", trained);
            Require(personal.L2 != s_personal.L2, "personalization", personal.Method, "l2", trained);
        }
    }

    private static void Require(bool isSet, string what, string chosen, string setting, params string[] users)
    {
        if (isSet && !users.Contains(chosen))
        {
            throw new ArgumentException($"The {what} {chosen} has no {setting}; {string.Join(" and ", users)} {(users.Length > 1 ? "have" : "has")} it. Leave it out, or choose another {what}.");
        }
    }
}
