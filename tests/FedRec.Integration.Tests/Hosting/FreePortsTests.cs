using System.Net;
using System.Net.Sockets;
using FedRec.Hosting;

namespace FedRec.Integration.Tests.Hosting;

public sealed class FreePortsTests
{
    // Whoever calls out is given a port from 32,768 on: one of these can be gone while a silo that listened there is started again.
    [Fact]
    public void Find_GivesDifferentPortsThatNobodyWhoCallsOutIsGiven()
    {
        var ports = Enumerable.Range(0, 20).Select(_ => FreePorts.Find(6)).ToArray();

        Assert.Equal(120, ports.SelectMany(found => found).Distinct().Count());
        Assert.All(ports.SelectMany(found => found), port => Assert.InRange(port, 20_000, 32_767));
    }

    [Fact]
    public void IsFree_WhereSomebodyListens_IsFalse()
    {
        using var listener = new TcpListener(IPAddress.Loopback, FreePorts.Find(1)[0]);
        listener.Start();

        Assert.False(FreePorts.IsFree(((IPEndPoint)listener.LocalEndpoint).Port));
    }
}
