using System.Collections.Immutable;
using System.Globalization;

namespace FedRec.Core.Privacy.Correlation;

/// <summary>A lower-triangular Toeplitz matrix whose first column is a sum of decaying exponentials, c₀ = 1 and c_j = Σᵢ ωᵢ·θᵢ^(j−1): a buffered linear Toeplitz matrix (BLT). Products with it, and with its inverse,
/// need one buffer for each exponential and no history.</summary>
/// <remarks>Dvijotham, McMahan, Pillutla, Steinke and Thakurta 2024, arXiv:2404.16706; McMahan, Xu and Zhang 2024, arXiv:2408.08868 (BLT-DP-FTRL). Without buffers it is the identity.</remarks>
public sealed record BufferedToeplitz
{
    /// <summary>A matrix of some exponentials.</summary>
    /// <param name="decay">θ: how much of a buffer is left a round later, in [−1, 1] each.</param>
    /// <param name="scale">ω: how much of a buffer is in the output; one for each decay.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a number is out of range.</exception>
    public BufferedToeplitz(IEnumerable<double> decay, IEnumerable<double> scale)
    {
        var (decays, scales) = (decay.ToArray(), scale.ToArray());
        if (decays.Length != scales.Length)
        {
            throw new ArgumentException($"There are {decays.Length} decays and {scales.Length} scales; each buffer has one of both.", nameof(scale));
        }

        if (!decays.All(one => Math.Abs(one) <= 1) || !scales.All(double.IsFinite))
        {
            throw new ArgumentException("A decay must lie in [-1, 1], and a scale must be finite.", nameof(decay));
        }

        var order = Enumerable.Range(0, decays.Length).OrderByDescending(place => decays[place]).ToArray();
        (Decay, Scale) = ([.. order.Select(place => decays[place])], [.. order.Select(place => scales[place])]);
    }

    /// <summary>The matrix without buffers.</summary>
    public static BufferedToeplitz Identity { get; } = new([], []);

    /// <summary>θ, descending; one for each buffer.</summary>
    public ImmutableArray<double> Decay { get; }

    /// <summary>ω, in the order of <see cref="Decay"/>.</summary>
    public ImmutableArray<double> Scale { get; }

    /// <summary>Number of buffers: the degree d.</summary>
    public int Buffers => Decay.Length;

    /// <summary>The matrix and its inverse, which has buffers of its own, by the decays of both.</summary>
    /// <param name="decay">θ of the matrix; no two equal.</param>
    /// <param name="inverse">θ of the inverse; as many, no two equal.</param>
    /// <remarks>Partial fractions of 1 + Σ ωᵢx/(1 − θᵢx) = Π(1 − θ̂ᵢx) / Π(1 − θᵢx). Where the decays alternate, θ₁ &gt; θ̂₁ &gt; θ₂ &gt; …, each ω is above 0 and each of the inverse below.</remarks>
    public static (BufferedToeplitz Matrix, BufferedToeplitz Inverse) OfDecays(IReadOnlyList<double> decay, IReadOnlyList<double> inverse) =>
        (new(decay, ScalesOf(decay, inverse)), new(inverse, ScalesOf(inverse, decay)));

    /// <summary>c₀ … c₍ₙ₋₁₎: the first column.</summary>
    /// <param name="rounds">n, at least 1.</param>
    public double[] Coefficients(int rounds)
    {
        var (coefficients, buffers) = (new double[rounds], Scale.ToArray());
        coefficients[0] = 1;
        for (var round = 1; round < rounds; round++)
        {
            for (var buffer = 0; buffer < buffers.Length; buffer++)
            {
                coefficients[round] += buffers[buffer];
                buffers[buffer] *= Decay[buffer];
            }
        }

        return coefficients;
    }

    /// <summary>The inverse, which is one of as many buffers.</summary>
    /// <exception cref="InvalidOperationException">A scale is not above 0, or decays are equal: then its buffers need not be exponentials.</exception>
    /// <remarks>Its decays are the eigenvalues of diag(θ) − 1·ωᵀ, the roots of Σ ωᵢ/(θᵢ − λ) = 1: one below each θ and above the next.</remarks>
    public BufferedToeplitz Inverse()
    {
        if (Scale.Any(scale => scale <= 0) || Decay.Distinct().Count() < Buffers)
        {
            throw new InvalidOperationException("Only a matrix with scales above 0 and different decays has an inverse of as many decaying buffers.");
        }

        var roots = new double[Buffers];
        for (var buffer = 0; buffer < Buffers; buffer++)
        {
            roots[buffer] = RootBelow(buffer);
        }

        return new BufferedToeplitz(roots, ScalesOf(roots, Decay));
    }

    /// <summary>θ and ω, for people.</summary>
    public override string ToString() => $"decay [{Words(Decay)}], scale [{Words(Scale)}]";

    /// <summary>Whether both have the same buffers.</summary>
    public bool Equals(BufferedToeplitz? other) => other is not null && Decay.SequenceEqual(other.Decay) && Scale.SequenceEqual(other.Scale);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Buffers, Decay.FirstOrDefault(), Scale.FirstOrDefault());

    private static string Words(ImmutableArray<double> values) => string.Join(", ", values.Select(one => one.ToString("R", CultureInfo.InvariantCulture)));

    // By halves: Σ ωᵢ/(θᵢ − λ) falls from ∞ just below a decay to −∞ just above the next one, as λ falls.
    private double RootBelow(int buffer)
    {
        var (low, high) = (buffer + 1 < Buffers ? Decay[buffer + 1] : Decay[buffer] - Scale.Sum(), Decay[buffer]);
        for (var middle = (low + high) / 2; middle > low && middle < high; middle = (low + high) / 2)
        {
            var sum = 0.0;
            for (var other = 0; other < Buffers; other++)
            {
                sum += Scale[other] / (Decay[other] - middle);
            }

            (low, high) = sum > 1 ? (low, middle) : (middle, high);
        }

        return (low + high) / 2;
    }

    // ωᵢ = Π_j (θᵢ − θ̂_j) / Π_{j≠i} (θᵢ − θ_j).
    private static double[] ScalesOf(IReadOnlyList<double> decay, IReadOnlyList<double> inverse)
    {
        if (decay.Count != inverse.Count)
        {
            throw new ArgumentException($"A matrix of {decay.Count} buffers has an inverse of as many, and not of {inverse.Count}.", nameof(inverse));
        }

        var scales = new double[decay.Count];
        for (var i = 0; i < scales.Length; i++)
        {
            scales[i] = decay[i] - inverse[i];
            for (var j = 0; j < scales.Length; j++)
            {
                scales[i] *= j == i ? 1 : (decay[i] - inverse[j]) / (decay[i] - decay[j]);
            }
        }

        return scales;
    }
}
