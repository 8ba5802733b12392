using FedRec.Cli.Commands;

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
    public void TryDuration_WithAUnit_ReadsIt(string text, double seconds)
    {
        Assert.True(Parse.TryDuration(text, out var duration));
        Assert.Equal(seconds, duration.TotalSeconds, 9);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0s")]
    [InlineData("-5s")]
    [InlineData("5 parsecs")]
    [InlineData("00:00:00")]
    [InlineData("1e300h")]
    public void TryDuration_WithoutALengthAboveZero_IsFalse(string text) => Assert.False(Parse.TryDuration(text, out _));
}
