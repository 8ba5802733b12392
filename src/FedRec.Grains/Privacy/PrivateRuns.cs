using System.Globalization;
using FedRec.Contracts.Privacy;
using FedRec.Contracts.Runs;
using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Privacy;
using FedRec.Grains.Requests;

namespace FedRec.Grains.Privacy;

/// <summary>What a run's request for privacy comes to with its clients.</summary>
internal static class PrivateRuns
{
    /// <summary>How the models of a run keep its clients' part to themselves by noise of the server; null where none is asked for.</summary>
    /// <param name="runKey">The run.</param>
    /// <param name="request">Its request.</param>
    /// <param name="learner">What is trained.</param>
    /// <param name="clients">Clients that take part.</param>
    /// <param name="secret">The silo's key, looked for where it is needed.</param>
    /// <exception cref="ArgumentException">There are too few clients, or too many for δ.</exception>
    public static Lazy<CentralPrivacy>? CentralOf(string runKey, RunRequest request, ILearner learner, int clients, SiloSecret secret) => request.Privacy is { Noise: null } settings
        ? Of(request, settings, clients, rate => new CentralPrivacy(LengthOf(request), MultiplierOf(settings, request, learner, rate), secret.Key, runKey)) : null;

    /// <summary>How the clients of a run hide their updates themselves; null where they do not.</summary>
    /// <inheritdoc cref="CentralOf"/>
    public static Lazy<ClientNoise>? OwnOf(string runKey, RunRequest request, ILearner learner, int clients, SiloSecret secret) => request.Privacy is { Noise: { } noise } settings
        ? Of(request, settings, clients, _ => new ClientNoise(LengthOf(request), MultiplierOf(settings, request, learner, ClientNoise.Rate), noise == PrivacySettings.Local, secret.Key, runKey)) : null;

    private static Lazy<T> Of<T>(RunRequest request, PrivacySettings settings, int clients, Func<double, T> make)
    {
        var expected = RunRequests.ToOptions(request.Rounds).SizeOf(clients);
        if (expected < CentralPrivacy.LeastExpected)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"privacy is asked for, but a round has {expected} clients, and noise that hides one of so few leaves nothing of the others; at least {CentralPrivacy.LeastExpected} are needed."));
        }

        if (settings.Delta >= 1.0 / clients)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"delta is {settings.Delta}; with {clients:N0} clients it must be less than {1.0 / clients:0.##E+0}, or all of one of them could be told. Give a smaller --delta."));
        }

        return new(() => make((double)expected / clients), LazyThreadSafetyMode.PublicationOnly);
    }

    private static double MultiplierOf(PrivacySettings settings, RunRequest request, ILearner learner, double rate) =>
        settings.NoiseMultiplier > 0 ? settings.NoiseMultiplier : Spending.NoiseFor(settings.Epsilon, settings.Delta, rate, NoiseOf(learner, request.Rounds.Count));

    /// <summary>The length that nothing of what a client sends exceeds, after all steps; 0 where nothing is clipped.</summary>
    public static double LengthOf(RunRequest request) => request.Privacy is { ClipQuantile: not null } ? AdaptiveClipping.JointNorm : request.Rounds.ClipNorm;

    /// <summary>The learner with a clip norm that adapts, where a request asks for it; otherwise itself.</summary>
    /// <exception cref="ArgumentException">Its clients send nothing that has a norm.</exception>
    public static ILearner Around(ILearner learner, RunRequest request) =>
        request.Privacy is { ClipQuantile: { } quantile } ? new AdaptivelyClippedLearner(learner, new AdaptiveClipping(quantile, request.Rounds.ClipNorm)) : learner;

    /// <summary>The clip norm of the round after a model.</summary>
    public static double ClipNormAt(RunRequest request, ReadOnlySpan<float> parameters) => request.Privacy is { ClipQuantile: not null } ? AdaptivelyClippedLearner.NormIn(parameters) : request.Rounds.ClipNorm;

    private static IEnumerable<double> NoiseOf(ILearner learner, int rounds) =>
        learner.Phases.Concat(Enumerable.Repeat(LearningPhase.Training, rounds)).Take(rounds).Select(phase => learner.Recipe(phase).Noise);
}
