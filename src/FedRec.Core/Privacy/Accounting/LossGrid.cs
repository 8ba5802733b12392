namespace FedRec.Core.Privacy.Accounting;

/// <summary>Which of two neighbouring data sets an answer is of: the privacy loss is how much better it explains the answer than the other one.</summary>
internal enum LossDirection
{
    /// <summary>Of the one with the user.</summary>
    Remove,

    /// <summary>Of the one without.</summary>
    Add,
}

/// <summary>The privacy loss of one use of a mechanism, on the multiples of a step: a pair of distributions that is easier to tell apart than the true one, but hardly so.</summary>
/// <remarks>The losses between two multiples are dealt to both so that the probability with and that without the user stay what they are ("connect the dots": Doroshenko et al. 2022,
/// arXiv:2207.04380); every δ(ε) can only grow by it, with the square of the step. What lies above the grid counts as an infinite loss, and what lies below it as its lowest one.
/// Without a user answers have the density N(0, σ²), with one (1 − q)·N(0, σ²) + q·N(1, σ²).</remarks>
internal sealed class LossGrid
{
    private readonly double[] _logs;

    private LossGrid(double step, int first, double[] masses, double infinite)
    {
        (Step, First, Masses, Infinite) = (step, first, masses, infinite);
        _logs = Array.ConvertAll(masses, Math.Log);
    }

    /// <summary>Distance between two losses.</summary>
    public double Step { get; }

    /// <summary>Number of the lowest loss, in steps.</summary>
    public int First { get; }

    /// <summary>Probability of each loss from <see cref="First"/> on.</summary>
    public double[] Masses { get; }

    /// <summary>Probability of an infinite loss.</summary>
    public double Infinite { get; }

    /// <summary>The losses of a mechanism that has noise and a sample.</summary>
    /// <param name="mechanism">σ and q above 0.</param>
    /// <param name="direction">Which of the two directions.</param>
    /// <param name="step">Distance between two losses, above 0.</param>
    /// <param name="range">Lowest and highest loss that is told apart.</param>
    public static LossGrid Of(SampledGaussian mechanism, LossDirection direction, double step, (double Low, double High) range)
    {
        var first = (int)Math.Floor(range.Low / step);
        var masses = new double[(int)Math.Ceiling(range.High / step) - first + 1];
        var losses = new AnswersByLoss(mechanism, direction);
        var (lower, lowest) = (losses.At(first * step), losses.At(double.NegativeInfinity));
        var rise = -LogNumbers.ExpMinusOne(-step);
        masses[0] = losses.Between(lowest, lower).Probability;
        for (var i = 0; i + 1 < masses.Length; i++)
        {
            var higher = losses.At((first + i + 1) * step);
            var (probability, surplus) = losses.Between(lower, higher);
            var upper = surplus / rise;
            upper = upper <= probability ? Math.Max(upper, 0) : probability; // all of it where the numbers are too large to tell
            masses[i] += probability - upper;
            masses[i + 1] += upper;
            lower = higher;
        }

        return new LossGrid(step, first, masses, losses.Between(lower, losses.At(double.PositiveInfinity)).Probability);
    }

    /// <summary>The losses of all answers but those whose noise is further out than some standard deviations.</summary>
    public static (double Low, double High) Range(SampledGaussian mechanism, LossDirection direction, double deviations)
    {
        var losses = new AnswersByLoss(mechanism, direction);
        var (one, other) = (losses.LossAt(-deviations * mechanism.Deviation), losses.LossAt(1 + (deviations * mechanism.Deviation)));
        return one < other ? (one, other) : (other, one);
    }

    /// <summary>Mean of the finite losses.</summary>
    public double Mean => Masses.Select((mass, i) => mass * Step * (First + i)).Sum();

    /// <summary>ln of the mean of e^(tilt · loss) over the finite losses.</summary>
    public double Cumulant(double tilt)
    {
        var largest = double.NegativeInfinity;
        for (var i = 0; i < _logs.Length; i++)
        {
            largest = Math.Max(largest, _logs[i] + (tilt * Step * (First + i)));
        }

        var sum = 0.0;
        for (var i = 0; i < _logs.Length; i++)
        {
            sum += Math.Exp(_logs[i] + (tilt * Step * (First + i)) - largest);
        }

        return largest + Math.Log(sum);
    }

    /// <summary>Probability of a loss times e^(tilt · loss − cumulant).</summary>
    public double Tilted(int index, double tilt, double cumulant) => Math.Exp(_logs[index] + (tilt * Step * (First + index)) - cumulant);
}

/// <summary>The answers of a mechanism by their privacy loss.</summary>
internal readonly struct AnswersByLoss(SampledGaussian mechanism, LossDirection direction)
{
    private readonly double _sigma = mechanism.Deviation;
    private readonly double _q = mechanism.SamplingProbability;
    private readonly double _sign = direction == LossDirection.Remove ? 1 : -1;

    /// <summary>The loss of an answer: ± ln(1 − q + q·w), w = exp((2x − 1) / 2σ²).</summary>
    public double LossAt(double x)
    {
        var ratio = (x - 0.5) / (_sigma * _sigma);
        return _sign * (_q == 1 ? ratio : ratio > 700 ? Math.Log(_q) + ratio : LogNumbers.LogOnePlus(_q * LogNumbers.ExpMinusOne(ratio)));
    }

    /// <summary>Where a loss is among the answers.</summary>
    public AnswerOfLoss At(double loss)
    {
        var log = _sign * loss;
        var beyond = LogNumbers.ExpMinusOne(log) / _q; // w − 1; below −1 where no answer has a loss so low, or so high
        var ratio = _q == 1 || log > 700 ? log - Math.Log(_q) : beyond <= -1 ? double.NegativeInfinity : LogNumbers.LogOnePlus(beyond); // ln w
        var answer = (_sigma * _sigma * ratio) + 0.5;
        return new AnswerOfLoss(loss, beyond, Normal.Tails(answer / _sigma), Normal.Tails((answer - 1) / _sigma));
    }

    /// <summary>How likely a loss between two others is, and how much likelier than if all had the lower one: P − e^low · Q.</summary>
    public (double Probability, double Surplus) Between(AnswerOfLoss low, AnswerOfLoss high)
    {
        var (from, to) = _sign > 0 ? (low, high) : (high, low);
        var without = NormalTails.Between(from.Without, to.Without);
        var with = NormalTails.Between(from.With, to.With);
        return _sign > 0 // with e^low = 1 − q + q·w, what both have in common cancels
            ? (((1 - _q) * without) + (_q * with), _q * (with - without - (low.Beyond * without)))
            : (without, _q * Math.Exp(low.Loss) * ((low.Beyond * without) + without - with));
    }
}

/// <summary>An answer by its privacy loss.</summary>
/// <param name="Loss">The loss.</param>
/// <param name="Beyond">How much likelier it is of a user who is in the sample than of none, less 1.</param>
/// <param name="Without">Of the noise without the user.</param>
/// <param name="With">Of the noise with one who is in the sample.</param>
internal readonly record struct AnswerOfLoss(double Loss, double Beyond, NormalTails Without, NormalTails With);
