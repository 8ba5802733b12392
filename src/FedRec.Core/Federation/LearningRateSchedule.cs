using System.Globalization;

namespace FedRec.Core.Federation;

/// <summary>How the server's learning rate changes over a run: a factor for each round, and nothing but the round decides it.</summary>
/// <remarks>A round that is abandoned or repeated after a crash therefore changes no later step. Warm-up is that of Goyal et al. 2017,
/// arXiv:1706.02677, §2.2: small adaptive moments and untrained parameters make the first steps the least reliable ones.</remarks>
public sealed record LearningRateSchedule
{
    /// <summary>The names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["constant", "step", "exponential", "cosine"];

    /// <summary>What happens after warm-up: <c>constant</c>; <c>step</c>, times <see cref="Decay"/> every <see cref="DecayEvery"/> rounds;
    /// <c>exponential</c>, the same without steps; <c>cosine</c>, half a cosine wave down to <see cref="FinalShare"/>
    /// (Loshchilov and Hutter 2017, arXiv:1608.03983, without restarts). Default: constant.</summary>
    public string Name { get; init; } = "constant";

    /// <summary>Rounds in which the factor rises linearly to 1: round t has t / WarmupRounds. At least 0. Default: 0.</summary>
    public int WarmupRounds { get; init; }

    /// <summary>Factor of <c>step</c> and <c>exponential</c>, in (0, 1]. Default: 0.5.</summary>
    public double Decay { get; init; } = 0.5;

    /// <summary>Rounds in which <see cref="Decay"/> takes effect once; 0 for a third of the rounds after warm-up. Default: 0.</summary>
    public int DecayEvery { get; init; }

    /// <summary>Factor that <c>cosine</c> ends near, in [0, 1). Default: 0.</summary>
    public double FinalShare { get; init; }

    /// <summary>The factor of a round.</summary>
    /// <param name="round">From 1 to <paramref name="rounds"/>.</param>
    /// <param name="rounds">Rounds of the run.</param>
    /// <returns>In (0, 1].</returns>
    public double FactorAt(int round, int rounds)
    {
        if (round <= WarmupRounds)
        {
            return (double)round / WarmupRounds;
        }

        var (done, all) = (round - WarmupRounds - 1, Math.Max(rounds - WarmupRounds, 1));
        var every = DecayEvery > 0 ? DecayEvery : Math.Max(1, (all + 2) / 3);
        return Name switch
        {
            "step" => Math.Pow(Decay, done / every),
            "exponential" => Math.Pow(Decay, (double)done / every),
            "cosine" => FinalShare + ((1 - FinalShare) * 0.5 * (1 + Math.Cos(Math.PI * done / all))),
            _ => 1,
        };
    }

    /// <summary>Refuses what is no schedule.</summary>
    /// <exception cref="ArgumentException">The name is unknown or a value is outside its range.</exception>
    public void ThrowUnlessValid()
    {
        Require(Names.Contains(Name), "schedule", Name, $"one of {string.Join(", ", Names)}");
        Require(WarmupRounds >= 0, "warm-up rounds", WarmupRounds, "0 or more");
        Require(Decay is > 0 and <= 1, "decay", Decay, "in (0, 1]");
        Require(DecayEvery >= 0, "decay-every", DecayEvery, "1 or more, or 0 for a third of the rounds");
        Require(FinalShare is >= 0 and < 1, "final share", FinalShare, "in [0, 1)");
    }

    private static void Require(bool holds, string name, IFormattable value, string allowed) =>
        Require(holds, name, value.ToString(null, CultureInfo.InvariantCulture), allowed);

    private static void Require(bool holds, string name, string value, string allowed)
    {
        if (!holds)
        {
            throw new ArgumentException($"The {name} of the server learning rate is {value}; it must be {allowed}.");
        }
    }
}
