namespace FedRec.Core.Tests.Learners.MatrixFactorizations;

internal static class Parity
{
    /// <summary>At most 1e-5 away, relative to the largest value.</summary>
    public static void AssertClose(double[] expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var tolerance = 1e-5 * expected.Max(Math.Abs);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], tolerance);
        }
    }
}
