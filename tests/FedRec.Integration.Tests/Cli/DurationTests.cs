using FedRec.Hosting.Configuration;

namespace FedRec.Integration.Tests.Cli;

public sealed class DurationTests
{
    [Theory]
    [InlineData("500ms", 0.5)]
    [InlineData("30s", 30)]
    [InlineData("30", 30)]
    [InlineData("0.25", 0.25)]
    [InlineData("2m", 120)]
    [InlineData("1.5h", 5400)]
    [InlineData("00:00:30", 30)]
    public void TryParse_WithAUnit_ReadsIt(string text, double seconds)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.Equal(seconds, duration.TotalSeconds, 9);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0s")]
    [InlineData("-5s")]
    [InlineData("5 parsecs")]
    [InlineData("00:00:00")]
    [InlineData("1e300h")]
    public void TryParse_WithoutALengthAboveZero_IsFalse(string text) => Assert.False(Duration.TryParse(text, out _));
}
