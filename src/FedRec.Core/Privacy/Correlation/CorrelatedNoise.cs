using System.Collections.Immutable;

namespace FedRec.Core.Privacy.Correlation;

/// <summary>Noise of a run that takes a part of itself back in later rounds: w = C⁻¹·z of fresh noise z. Less of it is left on sums of rounds, of which models are made, while the whole run tells as little as a single release of C·x with noise z.</summary>
/// <remarks>
/// BLT-DP-FTRL: McMahan, Xu and Zhang 2024, arXiv:2408.08868, algorithm 1; as in Denisov et al. 2022, arXiv:2202.08312, theorem 2.1, what clients send may depend on what was released before.
/// <para>All of it is in whole numbers, and the argument is exact. Released is yₜ = xₜ + wₜ with wₜ = zₜ − R(Σ_{j≥1} c_j·wₜ₋ⱼ), zₜ discrete normal noise of variance σ² and R rounding to whole numbers. Whoever has y₁ … yₜ₋₁ knows wⱼ = yⱼ − xⱼ for any x that he assumes; so yₜ is discrete
/// normal noise about the whole number mₜ(x) = xₜ − R(Σ_{j≥1} c_j·(yₜ₋ⱼ − xₜ₋ⱼ)). For two x that one client tells apart, m differs by C·(x − x′), and by what rounding adds: less than 2 a number and round
/// (<see cref="Rounding"/>). So whatever was released before, all rounds together move by no more than <see cref="MostShift"/>, and the run is concentrated differentially private as one release with sensitivity <see cref="MostShift"/> and
/// noise σ is (Feldman and Zrnic 2021, arXiv:2008.11193: rounds whose losses depend on earlier ones, and have a bound in all).</para>
/// <para>C is that of decays and scales in whole multiples of 2⁻³⁰, and its buffers are kept in whole multiples of 2⁻²⁰ of a whole number, so that every machine has the same.</para>
/// </remarks>
public sealed class CorrelatedNoise
{
    /// <summary>How much R and the buffers can move a centre, for each number and round: half for R and as much at most for the buffers, of both neighbours.</summary>
    public const double Rounding = 2;

    /// <summary>Most rounds for which the buffers are that exact.</summary>
    public const int MostRounds = 1 << 16;

    private const int ParameterBits = 30;
    private const int BufferBits = 20;
    private const long Largest = 1L << 54;

    private readonly ImmutableArray<long> _decay;
    private readonly ImmutableArray<long> _scale;

    /// <summary>Noise by a strategy.</summary>
    /// <param name="strategy">C: decays from 0 to 1, scales of at least 0 that come to 1 at most.</param>
    /// <param name="limit">How often a client may be in a round, of at most <see cref="MostRounds"/>.</param>
    /// <exception cref="ArgumentException">The strategy is another, or there are too many rounds.</exception>
    public CorrelatedNoise(BufferedToeplitz strategy, ParticipationLimit limit)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit.Rounds, MostRounds);
        (_decay, _scale) = ([.. strategy.Decay.Select(Whole)], [.. strategy.Scale.Select(Whole)]);
        if (_decay.Concat(_scale).Any(value => value is < 0 or > 1L << ParameterBits) || _scale.Sum() > 1L << ParameterBits)
        {
            throw new ArgumentException("Decays must lie in [0, 1], and scales be at least 0 and come to at most 1.", nameof(strategy));
        }

        (Limit, Strategy) = (limit, new BufferedToeplitz(_decay.Select(Value), _scale.Select(Value)));
        Sensitivity = Math.Sqrt(StrategyLoss.SensitivitySquared(Strategy.Coefficients(limit.Rounds), limit)) * (1 + 1e-9);
    }

    /// <summary>How often a client may be in a round.</summary>
    public ParticipationLimit Limit { get; }

    /// <summary>C as it is used.</summary>
    public BufferedToeplitz Strategy { get; }

    /// <summary>How far a client whose updates have length 1 moves C·x at most.</summary>
    public double Sensitivity { get; }

    /// <summary>The most by which one client moves the centres of all that a run releases.</summary>
    /// <param name="longest">Length of one client's update in whole numbers, at most.</param>
    /// <param name="places">Numbers of an update.</param>
    public double MostShift(double longest, int places) => (Sensitivity * longest) + (Rounding * Math.Sqrt((double)Limit.Rounds * places));

    /// <summary>The buffers before the first round.</summary>
    /// <param name="places">Numbers of an update.</param>
    public NoiseBuffers Begin(int places) => new(_decay, _scale, places);

    private static long Whole(double value) => (long)Math.Round(Math.ScaleB(value, ParameterBits));

    private static double Value(long whole) => Math.ScaleB(whole, -ParameterBits);

    /// <summary>What is kept of the noise of earlier rounds: a number for each exponential and number of an update. Secret, as the noise is: with it updates could be told.</summary>
    public sealed class NoiseBuffers
    {
        private readonly ImmutableArray<long> _decay;
        private readonly ImmutableArray<long> _scale;
        private readonly Int128[][] _kept;

        internal NoiseBuffers(ImmutableArray<long> decay, ImmutableArray<long> scale, int places) =>
            (_decay, _scale, _kept) = (decay, scale, [.. decay.Select(_ => new Int128[places])]);

        /// <summary>Rounds taken.</summary>
        public int Rounds { get; private set; }

        /// <summary>The same buffers, which go on by themselves.</summary>
        public NoiseBuffers Copy()
        {
            var copy = new NoiseBuffers(_decay, _scale, 0) { Rounds = Rounds };
            for (var buffer = 0; buffer < _kept.Length; buffer++)
            {
                copy._kept[buffer] = [.. _kept[buffer]];
            }

            return copy;
        }

        /// <summary>Makes the noise of the next round of fresh noise.</summary>
        /// <param name="noise">z, for each number of an update; w afterwards.</param>
        /// <exception cref="OverflowException">The noise leaves what the buffers have room for, 2⁵⁴.</exception>
        public void Next(Span<long> noise)
        {
            for (var place = 0; place < noise.Length; place++)
            {
                var taken = Int128.Zero;
                for (var buffer = 0; buffer < _kept.Length; buffer++)
                {
                    taken += _kept[buffer][place] * _scale[buffer];
                }

                var correlated = noise[place] - Rounded(taken, ParameterBits + BufferBits);
                noise[place] = Int128.Abs(correlated) <= Largest ? (long)correlated : throw new OverflowException("Correlated noise has left the range of its buffers.");
                for (var buffer = 0; buffer < _kept.Length; buffer++)
                {
                    _kept[buffer][place] = Rounded(_kept[buffer][place] * _decay[buffer], ParameterBits) + (correlated << BufferBits);
                }
            }

            Rounds++;
        }

        // To the nearest, a half up.
        private static Int128 Rounded(Int128 value, int bits) => (value + (Int128.One << (bits - 1))) >> bits;
    }
}
