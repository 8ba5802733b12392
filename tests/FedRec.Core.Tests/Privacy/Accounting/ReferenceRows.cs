using FedRec.Core.Privacy.Accounting;

namespace FedRec.Core.Tests.Privacy.Accounting;

/// <summary>What the tests of other libraries expect, and their sets of orders.</summary>
internal static class ReferenceRows
{
    /// <summary>google/differential-privacy, dp_accounting.</summary>
    public static double[] DpAccounting { get; } = [.. Tenths(11, 109), .. Wholes(11, 63), 128, 256, 512, 1024];

    /// <summary>pytorch/opacus.</summary>
    public static double[] Opacus { get; } = [.. Tenths(11, 109), .. Wholes(12, 63)];

    /// <summary>tensorflow/privacy, compute_dp_sgd_privacy.</summary>
    public static double[] TensorFlowPrivacy { get; } = [1.25, 1.5, 1.75, 2, 2.25, 2.5, 3, 3.5, 4, 4.5, .. Wholes(5, 63), 128, 256, 512];

    public static IReadOnlyList<PrivacyEvent> Rounds(double q, double sigma, long count, double sensitivity = 1) => [new PrivacyEvent(new SampledGaussian(sigma, q, sensitivity), count)];

    private static IEnumerable<double> Tenths(int first, int last) => Wholes(first, last).Select(order => order / 10);

    private static IEnumerable<double> Wholes(int first, int last) => Enumerable.Range(first, last - first + 1).Select(order => (double)order);
}
