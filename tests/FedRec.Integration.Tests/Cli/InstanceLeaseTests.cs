using FedRec.Hosting;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

public sealed class InstanceLeaseTests : IDisposable
{
    private static readonly Instance s_instance = new(42, "fedrec demo", true, [30000, 30001], "http://localhost:5080/", DateTimeOffset.UnixEpoch);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TryAcquire_WhileAnotherHasIt_IsNullAndTellsHowToReachTheOwner()
    {
        using var lease = InstanceLease.TryAcquire(_folder.Path, "azurite")!;
        lease.Publish(s_instance);

        using var second = InstanceLease.TryAcquire(_folder.Path, "azurite");
        using var elsewhere = InstanceLease.TryAcquire(_folder.Path, "blob-1");

        Assert.Null(second);
        Assert.NotNull(elsewhere);
        var read = InstanceLease.Read(_folder.Path, "azurite")!;
        Assert.Equal(s_instance, read with { GatewayPorts = s_instance.GatewayPorts });
        Assert.True(s_instance.GatewayPorts.SequenceEqual(read.GatewayPorts));
    }

    [Theory]
    [InlineData("file", "a file is in its place.")]
    [InlineData("file/home", "file is a file, and no folder.")]
    public void TryAcquire_InAPlaceThatIsNoFolder_SaysWhy_AndWhatNext(string place, string words)
    {
        File.WriteAllText(Path.Combine(_folder.Path, "file"), "something else");
        var folder = Path.Combine(_folder.Path, place);

        var failure = Assert.Throws<StorageSetupException>(() => InstanceLease.TryAcquire(folder, "azurite"));

        Assert.StartsWith($"The data folder {folder} cannot be used: ", failure.What, StringComparison.Ordinal);
        Assert.EndsWith(words, failure.What, StringComparison.Ordinal);
        Assert.StartsWith("Give another one (FEDREC_DATA_HOME)", failure.Next, StringComparison.Ordinal);
    }

    [Fact]
    public void TryAcquire_AfterItWasGivenBack_Succeeds()
    {
        InstanceLease.TryAcquire(_folder.Path, "azurite")!.Dispose();

        using var second = InstanceLease.TryAcquire(_folder.Path, "azurite");

        Assert.NotNull(second);
        Assert.Null(InstanceLease.Read(_folder.Path, "azurite"));
    }

    [Fact]
    public void RequestStop_ReachesTheOwnerAndNoLaterOne()
    {
        using (var lease = InstanceLease.TryAcquire(_folder.Path, "azurite")!)
        {
            Assert.False(lease.IsStopRequested);
            InstanceLease.RequestStop(_folder.Path, "azurite");
            Assert.True(lease.IsStopRequested);
            Assert.True(InstanceLease.IsTaken(_folder.Path, "azurite"));
        }

        Assert.False(InstanceLease.IsTaken(_folder.Path, "azurite"));
        InstanceLease.RequestStop(_folder.Path, "azurite"); // too late: there is no owner
        using var next = InstanceLease.TryAcquire(_folder.Path, "azurite")!;
        Assert.False(next.IsStopRequested);
    }

    [Fact]
    public void TryAcquire_WithAFileOfAProcessThatIsGone_IgnoresIt()
    {
        using (var killed = InstanceLease.TryAcquire(_folder.Path, "azurite")!)
        {
            killed.Publish(s_instance);
            File.Copy(Path.Combine(_folder.Path, "instance-azurite.json"), Path.Combine(_folder.Path, "left.json"));
        }

        File.Move(Path.Combine(_folder.Path, "left.json"), Path.Combine(_folder.Path, "instance-azurite.json"));
        using var lease = InstanceLease.TryAcquire(_folder.Path, "azurite");

        Assert.NotNull(lease);
        Assert.Null(InstanceLease.Read(_folder.Path, "azurite"));
    }
}
