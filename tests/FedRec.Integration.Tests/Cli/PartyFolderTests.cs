using FedRec.Cli;
using FedRec.Cli.Parties;
using FedRec.Contracts.RemoteParties;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

/// <summary>What a party keeps: its key for nobody else, and no code that leads astray.</summary>
public sealed class PartyFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static PartyCode Code => new(new Uri("https://fedrec.example.org/"), new string('a', 64), "shops", "0123", "remote-0123", "north", true, [1, 2, 3], DateTimeOffset.UnixEpoch, [], 0);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Create_Again_KeepsTheKey_AndAnotherPartyIsRefused()
    {
        var (path, membership) = (Path.Combine(_folder.Path, "north"), new PartyMembership(Code, "orders.csv", new() { UserColumn = "customer" }));
        using var key = PartyFolder.Create(path, membership).ReadKey();
        using var again = PartyFolder.Create(path, membership with { Data = "other.csv" }).ReadKey();
        var read = PartyFolder.Open(path).Membership;

        var refused = Assert.Throws<CliException>(() => PartyFolder.Create(path, membership with { Code = Code with { Party = "remote-4567" } }));

        Assert.Equal(key.ExportSubjectPublicKeyInfo(), again.ExportSubjectPublicKeyInfo());
        Assert.Equal(("other.csv", "customer", Code.Url, Code.Pin), (read.Data, read.Reading.UserColumn, read.Code.Url, read.Code.Pin));
        Assert.Empty(read.Code.Secret); // good once: of no use any more
        Assert.Contains("belongs to party 'north'", refused.Message, StringComparison.Ordinal);
        Assert.All(Directory.GetFiles(path), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? UnixFileMode.UserRead | UnixFileMode.UserWrite : File.GetUnixFileMode(file)));
    }

    [Fact]
    public void Lock_OfARunningParty_IsRefusedByTheProcessThatHasIt_UntilItEnds()
    {
        var folder = PartyFolder.Create(_folder.Path, new PartyMembership(Code, "orders.csv", new()));

        using (folder.Lock())
        {
            Assert.Equal($"Party 'north' runs already, in process {Environment.ProcessId} on {Environment.MachineName}.", Assert.Throws<CliException>(() => folder.Lock()).Message);
        }

        File.WriteAllText(Path.Combine(_folder.Path, "running"), "process 1 on of-before"); // of one that was killed: nothing is left but its name

        folder.Lock().Dispose();
    }

    [Theory]
    [InlineData("http://fedrec.example.org/")]
    [InlineData("http://10.0.0.5:5080/")]
    [InlineData("ftp://localhost/")]
    [InlineData("https://user@localhost/")]
    public void Read_ACodeThatLeadsAstray_IsRefused(string url) =>
        Assert.Contains("by https only", Assert.Throws<CliException>(() => PartyCodes.Read((Code with { Url = new Uri(url) }).Write())).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("fedrec-party-1-")]
    [InlineData("fedrec-party-1-e30")]
    [InlineData("fedrec-party-1-!!!")]
    public void Read_SomethingElse_SaysThatItIsNoCode(string text) => Assert.Contains("no code of an invitation", Assert.Throws<CliException>(() => PartyCodes.Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_ACodeThatWasCut_SaysSo()
    {
        var code = Code.Write();

        Assert.Equal(Code.Url, PartyCodes.Read($" {code}\n").Url);
        Assert.Throws<CliException>(() => PartyCodes.Read(code[..^8]));
    }
}
