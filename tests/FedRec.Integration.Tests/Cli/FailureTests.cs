using FedRec.Cli;
using FedRec.Core.Data;
using FedRec.Hosting;

namespace FedRec.Integration.Tests.Cli;

public sealed class FailureTests
{
    public static TheoryData<Exception, int, string> Known { get; } = new()
    {
        { new CliException(ExitCode.QuorumNotMet, "too few"), ExitCode.QuorumNotMet, "too few" },
        { new DatasetException("Bad.", "Do this.", "a.csv", 7), ExitCode.Failed, "a.csv, line 7: Bad." },
        { new StorageSetupException("No Node."), ExitCode.StoreUnreachable, "No Node." },
        { new AggregateException(new InvalidOperationException("outer", new IOException("No space left on device", 28))), ExitCode.Failed, "No space left on device" },
        { new Azure.RequestFailedException(0, "Connection refused (host:1)\nmore"), ExitCode.StoreUnreachable, "Connection refused (host:1)" },
        { new Azure.RequestFailedException(404, "missing"), ExitCode.Failed, "missing" },
        { new UnauthorizedAccessException("denied"), ExitCode.Failed, "denied" },
    };

    [Theory]
    [MemberData(nameof(Known), DisableDiscoveryEnumeration = true)]
    public void From_AKnownCause_SaysItWithoutItsWrapping(Exception exception, int exitCode, string what)
    {
        var failure = Failure.From(exception);

        Assert.Equal(exitCode, failure.ExitCode);
        Assert.EndsWith(what, failure.What, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_OfAnUnknownCause_HasNoStackTraceAndSaysHowToSeeIt()
    {
        using var text = new StringWriter();

        Failure.From(new InvalidOperationException("strange\n   at FedRec.Somewhere()")).Write(text);

        Assert.DoesNotContain("at FedRec", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("--verbose", text.ToString(), StringComparison.Ordinal);
    }
}
