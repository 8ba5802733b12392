using System.Net;
using System.Net.Sockets;

namespace FedRec.Hosting;

/// <summary>Finds TCP ports on this machine that nobody listens on.</summary>
internal static class FreePorts
{
    /// <summary>Takes several different free ports.</summary>
    /// <remarks>Another process may take one before it is used; then its listener fails and says so.</remarks>
    public static int[] Find(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        try
        {
            return [.. listeners.Select(listener =>
            {
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            })];
        }
        finally
        {
            Array.ForEach(listeners, listener => listener.Dispose());
        }
    }

    /// <summary>Tells whether a port can be listened on.</summary>
    public static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = true };
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
