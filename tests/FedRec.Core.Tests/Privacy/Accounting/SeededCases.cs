namespace FedRec.Core.Tests.Privacy.Accounting;

/// <summary>Numbers drawn from ranges, the same each time: what is approximate holds to a bound that is known of these cases.</summary>
internal static class SeededCases
{
    /// <summary>Checks something of so many draws.</summary>
    /// <param name="count">How many.</param>
    /// <param name="check">Is given a number of each range.</param>
    /// <param name="ranges">Lowest and highest.</param>
    public static void Check(int count, Action<double[]> check, params (double Low, double High)[] ranges)
    {
        var random = new Random(20_261_130);
        for (var i = 0; i < count; i++)
        {
            double[] drawn = [.. ranges.Select(range => range.Low + ((range.High - range.Low) * random.NextDouble()))];
            try
            {
                check(drawn);
            }
            catch (Xunit.Sdk.XunitException exception)
            {
                throw new Xunit.Sdk.XunitException($"Of [{string.Join(", ", drawn.Select(value => value.ToString("R", System.Globalization.CultureInfo.InvariantCulture)))}]: {exception.Message}");
            }
        }
    }
}
