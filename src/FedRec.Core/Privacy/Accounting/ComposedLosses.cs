using System.Numerics;

namespace FedRec.Core.Privacy.Accounting;

/// <summary>The privacy loss of many releases together, in one direction: how likely each total is, on a window of a grid.</summary>
/// <remarks>The loss of a composition is the sum of independent losses, so its distribution is a convolution (Koskela, Jälkö and Honkela 2020, arXiv:1906.03049), taken by a Fourier transform.
/// Before it, probabilities are tilted: multiplied by e^(θ · loss) and scaled to add up to 1, and afterwards tilted back (Esscher 1932). With the θ that is asked for, totals near ε are the most likely
/// ones of the tilted distribution: what rounding and the ends of the window spoil is then small beside δ, however small δ is. Each of the spoils is bounded and counts as lost privacy:
/// rounding raises every probability, totals above the window are added to δ, and those below it wrap around to its top.</remarks>
internal sealed class ComposedLosses
{
    private const int Size = 1 << 17;

    // More than what rounding takes away on the grids of single losses.
    private const double Outward = 1 + 1e-9;
    private static readonly FourierTransform s_transform = new(Size);
    private readonly double _step;
    private readonly long _first;
    private readonly double _tilt;
    private readonly double _cumulant;
    private readonly double _beyond;
    private readonly double _logBelow;
    private readonly double[] _tilted;

    /// <summary>Composes uses of mechanisms.</summary>
    /// <param name="uses">Mechanisms with noise and a sample, each with how often it was used, at least once.</param>
    /// <param name="window">Where the totals are that matter.</param>
    public ComposedLosses(IReadOnlyList<(SampledGaussian Mechanism, long Count)> uses, LossWindow window)
    {
        var ranges = uses.Select(use => LossGrid.Range(use.Mechanism, window.Direction, window.Deviations)).ToArray();
        _step = Math.Max((window.High - window.Low) / (Size - 1), ranges.Max(range => range.High - range.Low) / (8 * Size));
        _first = (long)Math.Floor(window.Low / _step);
        _tilt = window.Tilt;

        var (logs, angles, spoiled) = (new double[(Size / 2) + 1], new double[(Size / 2) + 1], new double[(Size / 2) + 1]);
        var (above, below, infinite) = (0.0, 0.0, 0.0);
        double[]? single = null; // one use alone needs no transform
        foreach (var ((mechanism, count), range) in uses.Zip(ranges))
        {
            var grid = LossGrid.Of(mechanism, window.Direction, _step, range);
            var cumulant = grid.Cumulant(_tilt);
            var tilted = Tilted(grid, cumulant);
            if (uses is [(_, 1)])
            {
                single = Array.ConvertAll(tilted, value => value.Real);
            }
            else
            {
                s_transform.Forward(tilted);
                Multiply(tilted, count, logs, angles, spoiled);
            }

            _cumulant += count * cumulant;
            above += count * grid.Cumulant(window.HigherTilt);
            below += count * grid.Cumulant(window.LowerTilt);
            infinite += count * grid.Infinite;
        }

        // Chernoff's bounds of the probability above the window, and of the tilted one below it.
        _beyond = infinite + Math.Exp(above - (window.HigherTilt * (_first + Size) * _step));
        _logBelow = below - _cumulant + ((_tilt - window.LowerTilt) * _first * _step);
        _tilted = single ?? Convolution(logs, angles, spoiled);
    }

    /// <summary>δ at an ε of at least 0, in [0, 1].</summary>
    public double Delta(double epsilon)
    {
        var (with, without) = (0.0, 0.0);
        var i = Size - 1;
        for (; i >= 0 && Loss(i) > epsilon; i--)
        {
            Extend(i, ref with, ref without);
        }

        // Where the window begins above ε, totals below it are still in δ.
        var missing = i < 0 ? Math.Exp(_cumulant - (_tilt * epsilon) + _logBelow) : 0;
        var scale = Math.Exp(_cumulant - (_tilt * Loss(i + 1)));
        var difference = with - (Math.Exp(epsilon - Loss(i + 1)) * without);
        return Math.Min(1, Outward * ((scale * Math.Max(0, difference)) + missing + _beyond));
    }

    /// <summary>Smallest ε at which δ is at most as given; infinite where there is none.</summary>
    public double Epsilon(double delta)
    {
        var (with, without, allowed) = (0.0, 0.0, 0.0);
        for (var i = Size - 1; i >= 0 && Loss(i) > 0; i--)
        {
            var (above, withoutAbove, allowedAbove) = (with, without, allowed);
            Extend(i, ref with, ref without);
            allowed = ((delta / Outward) - _beyond) * Math.Exp((_tilt * Loss(i)) - _cumulant);
            if (with - without > allowed)
            {
                // Between two losses δ is linear in e^ε.
                return withoutAbove == 0 ? double.PositiveInfinity : Math.Max(0, Loss(i + 1) + Math.Log((above - allowedAbove) / withoutAbove));
            }
        }

        return Math.Max(0, Loss(0));
    }

    private double Loss(int index) => (_first + index) * _step;

    // The probabilities with and without the user of all losses from one on, both times e^(tilt · loss − cumulant) of that loss.
    private void Extend(int index, ref double with, ref double without)
    {
        var here = _tilted[(_first + index) & (Size - 1)];
        with = here + (with * Math.Exp(-_tilt * _step));
        without = here + (without * Math.Exp(-(_tilt + 1) * _step));
    }

    // Total i is kept at i modulo the size, in the window and outside.
    private Complex[] Tilted(LossGrid grid, double cumulant)
    {
        var values = new Complex[Size];
        for (var i = 0; i < grid.Masses.Length; i++)
        {
            values[(grid.First + i) & (Size - 1)] += grid.Tilted(i, _tilt, cumulant);
        }

        return values;
    }

    // The transform of real numbers is told by its first half.
    private static void Multiply(Complex[] spectrum, long count, double[] logs, double[] angles, double[] spoiled)
    {
        for (var k = 0; k < logs.Length; k++)
        {
            var size = Math.Max(Complex.Abs(spectrum[k]), s_transform.RelativeError);
            logs[k] += count * Math.Log(size);
            angles[k] += count * spectrum[k].Phase;
            spoiled[k] += count / size;
        }
    }

    private static double[] Convolution(double[] logs, double[] angles, double[] spoiled)
    {
        var values = new Complex[Size];
        var error = 0.0;
        for (var k = 0; k < logs.Length; k++)
        {
            var size = Math.Exp(logs[k]);
            error += size * (1 + spoiled[k]) * 2;
            values[k] = Complex.FromPolarCoordinates(size, -angles[k]); // conjugate: the inverse transform is the forward one of it
            values[(Size - k) & (Size - 1)] = Complex.Conjugate(values[k]);
        }

        s_transform.Forward(values);
        var raise = error * s_transform.RelativeError / Size;
        return Array.ConvertAll(values, value => Math.Max(value.Real / Size, 0) + raise);
    }
}
