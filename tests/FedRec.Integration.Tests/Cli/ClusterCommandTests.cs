using FedRec.Cli;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

/// <summary>What cannot be a cluster is refused before anything is started, with what to do instead.</summary>
public sealed class ClusterCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("up --storage memory", ExitCode.BadConfiguration, "cannot share what one of them keeps in its memory", "--storage azurite")]
    [InlineData("silo --storage memory", ExitCode.BadConfiguration, "keeps in its memory cannot be shared", "--storage azurite")]
    [InlineData("up --stop", ExitCode.Failed, "No cluster that 'fedrec up' has started has the store", "Nothing was ended")]
    [InlineData("silo --storage azurite", ExitCode.StoreUnreachable, "there is no cluster to join", "Start 'fedrec up' or 'fedrec serve' first")]
    [InlineData("silo --set Silo.Cluster=shop", ExitCode.BadConfiguration, "FedRec:Silo:Cluster is 'shop', but the store is azurite", "silo-config/README.md")]
    [InlineData("serve --set Silo.Cluster=two.words", ExitCode.BadConfiguration, "Silo:Cluster", "silo-config")]
    [InlineData("silo --advertise nowhere", ExitCode.BadConfiguration, "FedRec:Silo:Advertise is 'nowhere'; it must be an IP address", "silo-config/README.md")]
    [InlineData("serve --set Silo.Tls.Certificate=no.pem --set Silo.Tls.Authority=ca.pem", ExitCode.BadConfiguration, "FedRec:Silo:Tls:Certificate names", "Give an existing file")]
    [InlineData("serve --set Silo.Tls.Certificate=no.pem", ExitCode.BadConfiguration, "The system's authorities sign for everybody", "FedRec:Silo:Tls:Name")]
    [InlineData("serve --set Silo.Tls.Authority=ca.pem", ExitCode.BadConfiguration, "Both sides show a certificate", "silo-config/README.md")]
    [InlineData("serve --set Silo.Tls.Key=key.pem", ExitCode.BadConfiguration, "FedRec:Silo:Tls:Certificate is empty", "silo-config/README.md")]
    [InlineData("serve --set Silo.Tls.Name=silo", ExitCode.BadConfiguration, "there is no encryption", "silo-config/README.md")]
    [InlineData("serve --set Silo.Tls.Location=Some", ExitCode.BadConfiguration, "It must be one of CurrentUser, LocalMachine", "silo-config/README.md")]
    [InlineData("serve --set Silo.Tls.Certificate=a.pem --set Silo.Tls.Subject=a", ExitCode.BadConfiguration, "Leave one of them out", "silo-config/README.md")]
    [InlineData("silo --label eu", ExitCode.BadConfiguration, "FedRec:Silo:Labels: 'eu' is no label", "silo-config/README.md")]
    [InlineData("serve --label region=eu,region=us", ExitCode.BadConfiguration, "'region=us' names a label that is there already", "silo-config/README.md")]
    [InlineData("up --silos 0", ExitCode.Usage, "--silos", "1 to 32")]
    public async Task Verb_ThatCannotBe_SaysWhyAndWhatNext(string line, int code, string why, string next)
    {
        var run = await CommandRun.OfAsync(_folder.Path, line.Split(' '));

        Assert.True(run.ExitCode == code, run.Error);
        Assert.Contains(why, run.Error, StringComparison.Ordinal);
        Assert.Contains(next, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "home", "blobs"))); // no store was made
    }
}
