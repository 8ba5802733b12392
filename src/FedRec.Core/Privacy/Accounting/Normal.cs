namespace FedRec.Core.Privacy.Accounting;

/// <summary>Probabilities of the standard normal distribution, with a small relative error in both tails.</summary>
/// <remarks>The complementary error function by the rational approximations of Cody 1969 (Math. Comp. 23, 631), as in CALERF.</remarks>
internal static class Normal
{
    private const double Near = 0.46875;
    private const double Far = 27; // below the smallest double from there on
    private static readonly double[] s_nearTop = [1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3];
    private static readonly double[] s_nearBottom = [1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3];

    private static readonly double[] s_middleTop =
    [
        2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1, 2.98635138197400131e2,
        8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3,
    ];

    private static readonly double[] s_middleBottom =
    [
        1, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
        3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3,
    ];

    private static readonly double[] s_farTop = [1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1, 1.60837851487422766e-2, 6.58749161529837803e-4];
    private static readonly double[] s_farBottom = [1, 2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1, 6.05183413124413191e-2, 2.33520497626869185e-3];

    /// <summary>P(X &lt; x).</summary>
    public static double Below(double x) => Tails(x).Below;

    /// <summary>P(X &gt; x).</summary>
    public static double Above(double x) => Tails(x).Above;

    /// <summary>Both probabilities of a number, for less than the time of two.</summary>
    public static NormalTails Tails(double x)
    {
        var (scaled, size) = (x / Math.Sqrt(2), Math.Abs(x / Math.Sqrt(2)));
        if (size <= Near)
        {
            var odd = scaled * Ratio(s_nearTop, s_nearBottom, scaled * scaled);
            return new NormalTails(x, 0.5 * (1 + odd), 0.5 * (1 - odd));
        }

        var tail = size > Far ? 0 : Tail(size);
        return scaled > 0 ? new NormalTails(x, 0.5 * (2 - tail), 0.5 * tail) : new NormalTails(x, 0.5 * tail, 0.5 * (2 - tail));
    }

    // The complementary error function of a number that is not small.
    private static double Tail(double x)
    {
        var square = 1 / (x * x);
        var shape = x <= 4 ? Ratio(s_middleTop, s_middleBottom, x) : ((1 / Math.Sqrt(Math.PI)) - (square * Ratio(s_farTop, s_farBottom, square))) / x;

        // exp(−x²) with a square that is exact: the error of a rounded one would be multiplied by the exponent.
        var head = Math.Floor(x * 16) / 16;
        return Math.Exp(-head * head) * Math.Exp(-(x - head) * (x + head)) * shape;
    }

    private static double Ratio(double[] top, double[] bottom, double x)
    {
        var (above, below) = (0.0, 0.0);
        for (var i = 0; i < top.Length; i++)
        {
            above = (above * x) + top[i];
            below = (below * x) + bottom[i];
        }

        return above / below;
    }
}

/// <summary>How much of the standard normal distribution is on either side of a number.</summary>
/// <param name="At">The number.</param>
/// <param name="Below">P(X &lt; x).</param>
/// <param name="Above">P(X &gt; x).</param>
internal readonly record struct NormalTails(double At, double Below, double Above)
{
    /// <summary>P(low &lt; X &lt; high), as a difference in the tail where it is the more exact one.</summary>
    public static double Between(NormalTails low, NormalTails high) => low.At > 0 ? low.Above - high.Above : high.Below - low.Below;
}
