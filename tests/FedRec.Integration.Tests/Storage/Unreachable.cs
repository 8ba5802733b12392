using System.Net;
using System.Net.Sockets;
using FedRec.Hosting.Azurite;

namespace FedRec.Integration.Tests.Storage;

/// <summary>A store that nobody serves: a port that was free a moment ago.</summary>
internal static class Unreachable
{
    public static string Address { get; } = $"127.0.0.1:{FindFreePort()}";

    public static string ConnectionString { get; } = new AzuriteEndpoints(new Uri($"http://{Address}"), new Uri($"http://{Address}")).ConnectionString(AzuriteEndpoints.NewKey());

    public static int FindFreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
