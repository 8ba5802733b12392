using System.Net;
using System.Net.Sockets;

namespace FedRec.Hosting;

/// <summary>Ports of this machine that nobody has, below those that systems give to whoever calls out (from 32,768 on, or 49,152): one of these can be gone before it is listened at, and
/// while whoever listened there is started again.</summary>
internal static class FreePorts
{
    private const int First = 20_000;
    private const int Count = 32_768 - First;
    private const int EachProcess = 16; // those that start within the same second look at different ones: their ids are near to each other
    private static int s_last = Environment.ProcessId * EachProcess;

    /// <summary>Ports that nobody has now.</summary>
    /// <param name="count">How many.</param>
    /// <returns>Different ones, and others than those that were found before; nothing keeps them.</returns>
    /// <exception cref="IOException">There are not so many.</exception>
    public static int[] Find(int count)
    {
        var found = new List<int>(count);
        for (var tried = 0; found.Count < count; tried++)
        {
            if (tried == Count)
            {
                throw new IOException($"Of the ports {First} to {First + Count - 1} only {found.Count} are free, and {count} are needed.");
            }

            var port = First + (int)((uint)Interlocked.Increment(ref s_last) % Count);
            if (IsFree(port))
            {
                found.Add(port);
            }
        }

        return [.. found];
    }

    /// <summary>Whether nobody listens at a port of this machine.</summary>
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
