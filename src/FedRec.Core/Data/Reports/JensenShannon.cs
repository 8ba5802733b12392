namespace FedRec.Core.Data.Reports;

/// <summary>How far two distributions are from each other.</summary>
/// <remarks>Lin 1991: the mean Kullback–Leibler divergence, in bits, of both from their middle; 0 when they are equal, 1 when they have nothing in common.</remarks>
internal static class JensenShannon
{
    /// <summary>The divergence of two histograms, each divided by its sum first.</summary>
    /// <returns>In [0, 1]; null when one of them is empty.</returns>
    public static double? Divergence(IReadOnlyList<long> first, IReadOnlyList<long> second)
    {
        var (firstSum, secondSum) = ((double)first.Sum(), (double)second.Sum());
        if (firstSum == 0 || secondSum == 0)
        {
            return null;
        }

        var sum = 0.0;
        for (var cell = 0; cell < first.Count; cell++)
        {
            var (p, q) = (first[cell] / firstSum, second[cell] / secondSum);
            sum += (Term(p, (p + q) / 2) + Term(q, (p + q) / 2)) / 2;
        }

        return Math.Clamp(sum, 0, 1);
    }

    private static double Term(double p, double middle) => p == 0 ? 0 : p * Math.Log2(p / middle);
}
