namespace FedRec.Core.Privacy.Accounting;

/// <summary>Numbers that are too large, too small or too close to 1 for themselves, by their logarithms.</summary>
internal static class LogNumbers
{
    /// <summary>e^x − 1 without loss near 0 (Kahan; Higham 2002, section 1.14).</summary>
    public static double ExpMinusOne(double x)
    {
        var power = Math.Exp(x);
        return power == 1 ? x : power is 0 or double.PositiveInfinity || power - 1 == -1 ? power - 1 : (power - 1) * x / Math.Log(power);
    }

    /// <summary>ln(1 + x) without loss near 0.</summary>
    public static double LogOnePlus(double x)
    {
        var sum = 1 + x;
        return sum == 1 ? x : double.IsInfinity(sum) || sum <= 0 ? Math.Log(sum) : Math.Log(sum) * x / (sum - 1);
    }

    /// <summary>ln(e^x − 1), for x above 0.</summary>
    public static double LogExpMinusOne(double x) => x > 40 ? x : Math.Log(ExpMinusOne(x));

    /// <summary>ln(1 + e^x).</summary>
    public static double LogOnePlusExp(double x) => x > 40 ? x : LogOnePlus(Math.Exp(x));
}

/// <summary>A sum of positive numbers of which only logarithms can be held.</summary>
internal struct LogSum()
{
    private double _largest = double.NegativeInfinity;
    private double _sum;

    /// <summary>ln of the sum; minus infinity for none.</summary>
    public readonly double Log => _largest + Math.Log(_sum);

    /// <summary>Adds e^<paramref name="log"/>.</summary>
    public void Add(double log)
    {
        if (log > _largest)
        {
            _sum = (_sum * Math.Exp(_largest - log)) + 1;
            _largest = log;
        }
        else if (log > double.NegativeInfinity)
        {
            _sum += Math.Exp(log - _largest);
        }
    }
}
