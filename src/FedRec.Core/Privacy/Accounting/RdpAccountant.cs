using System.Globalization;

namespace FedRec.Core.Privacy.Accounting;

/// <summary>The accountant of Rényi differential privacy: divergences of some orders add up over releases, and the best order makes ε of them.</summary>
/// <remarks>Mironov 2017, arXiv:1702.07476; what it finds is true for every mechanism whose divergences are known, and a little above what <see cref="PldAccountant"/> finds.</remarks>
public static class RdpAccountant
{
    /// <summary>Orders that are tried first, from 1.005 to 4,096, each a little larger above 1 than the one before.</summary>
    public static IReadOnlyList<double> Orders { get; } = [.. Ladder()];

    /// <summary>ε of releases at a δ, by the best order there is.</summary>
    /// <param name="events">What was released, in any order.</param>
    /// <param name="delta">δ, in (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">δ is out of range.</exception>
    public static PrivacyGuarantee Guarantee(IReadOnlyList<PrivacyEvent> events, double delta)
    {
        PrivacyArguments.RequireDelta(delta);
        return Guarantee(delta, Best(order => Epsilon(Divergence(events, order), order, delta)));
    }

    /// <summary>ε of releases at a δ, by orders of one's own.</summary>
    /// <param name="events">What was released, in any order.</param>
    /// <param name="delta">δ, in (0, 1).</param>
    /// <param name="orders">At least one, each above 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">δ or an order is out of range.</exception>
    public static PrivacyGuarantee Guarantee(IReadOnlyList<PrivacyEvent> events, double delta, IReadOnlyList<double> orders)
    {
        PrivacyArguments.RequireDelta(delta);
        return Guarantee(delta, orders.Min(order => (Epsilon(Divergence(events, order), order, delta), order)));
    }

    /// <summary>δ of releases at an ε, never below the true one.</summary>
    /// <param name="events">What was released, in any order.</param>
    /// <param name="epsilon">ε, at least 0.</param>
    /// <returns>In [0, 1].</returns>
    /// <exception cref="ArgumentOutOfRangeException">ε is out of range.</exception>
    public static double Delta(IReadOnlyList<PrivacyEvent> events, double epsilon)
    {
        PrivacyArguments.RequireEpsilon(epsilon);
        return Best(order => Delta(Divergence(events, order), order, epsilon)).Value;
    }

    /// <summary>Rényi divergence of all releases together.</summary>
    /// <param name="events">What was released, in any order.</param>
    /// <param name="order">α, above 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The order is not above 1.</exception>
    public static double Divergence(IReadOnlyList<PrivacyEvent> events, double order) =>
        events.Where(e => e.Count > 0).Sum(e => e.Count * e.Mechanism.Divergence(order));

    // Canonne, Kamath and Steinke 2020, arXiv:2004.00010, Proposition 12 (Balle et al. 2020, arXiv:1905.09982, Theorem 21).
    private static double Epsilon(double divergence, double order, double delta) => delta >= Distance(divergence) ? 0
        : Math.Max(0, divergence + LogNumbers.LogOnePlus(-1 / order) - ((Math.Log(delta) + Math.Log(order)) / (order - 1)));

    private static double Delta(double divergence, double order, double epsilon) => Math.Min(Distance(divergence), divergence == 0 ? 0
        : Math.Exp(((order - 1) * (divergence - epsilon + LogNumbers.LogOnePlus(-1 / order))) - Math.Log(order)));

    // The total variation distance is at most √(1 − exp(−KL)), and the Kullback–Leibler divergence at most that of any order (Bretagnolle and Huber 1979).
    private static double Distance(double divergence) => Math.Sqrt(-LogNumbers.ExpMinusOne(-divergence));

    private static PrivacyGuarantee Guarantee(double delta, (double Epsilon, double Order) best) =>
        new(best.Epsilon, delta, string.Create(CultureInfo.InvariantCulture, $"Rényi divergence of order {best.Order:0.##}"));

    // The best rung, and between its neighbours the golden section; whatever order comes out, what it says is true.
    private static (double Value, double Order) Best(Func<double, double> at)
    {
        const double Golden = 0.6180339887498949;
        var best = Enumerable.Range(0, Orders.Count).MinBy(i => at(Orders[i]));
        var (low, high) = (Orders[Math.Max(best - 1, 0)], Orders[Math.Min(best + 1, Orders.Count - 1)]);
        var tried = (Value: at(Orders[best]), Order: Orders[best]);
        for (var i = 0; i < 20; i++)
        {
            var (left, right) = (high - (Golden * (high - low)), low + (Golden * (high - low)));
            var (onLeft, onRight) = (at(left), at(right));
            (low, high) = onLeft < onRight ? (low, right) : (left, high);
            tried = new[] { tried, (onLeft, left), (onRight, right) }.Min();
        }

        return tried;
    }

    private static IEnumerable<double> Ladder()
    {
        for (var above = 0.005; above < 12; above *= 1.15)
        {
            yield return 1 + above;
        }

        for (var order = 13.0; order <= 4096; order = Math.Floor(order * 1.15))
        {
            yield return order;
        }
    }
}
