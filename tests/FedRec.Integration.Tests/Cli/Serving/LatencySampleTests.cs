using FedRec.Cli.Serving;

namespace FedRec.Integration.Tests.Cli.Serving;

/// <summary>Percentiles by nearest rank, of all requests.</summary>
public sealed class LatencySampleTests
{
    [Theory]
    [InlineData(0.5, 50)]
    [InlineData(0.07, 7)] // 0.07 · 100 is above 7 in double precision
    [InlineData(0.99, 99)]
    [InlineData(0.991, 100)]
    [InlineData(0.001, 1)]
    [InlineData(1, 100)]
    public void Percentile_OfAHundredTimesInAnyOrder_IsTheSmallestThatTheShareDoesNotExceed(double share, int milliseconds)
    {
        var times = Enumerable.Range(0, 100).Select(i => TimeSpan.FromMilliseconds((i * 37 % 100) + 1));

        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), new LatencySample(times).Percentile(share));
    }

    [Fact]
    public void Percentile_OfNothing_IsNone() => Assert.Null(new LatencySample([]).Percentile(0.99));

    [Theory]
    [InlineData(0)]
    [InlineData(1.01)]
    public void Percentile_OfNoShare_IsRefused(double share) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new LatencySample([TimeSpan.FromMilliseconds(1)]).Percentile(share));
}
