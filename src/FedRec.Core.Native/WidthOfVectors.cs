using System.Runtime.InteropServices;

namespace FedRec.Core.Native;

/// <summary>Has native torch compute with vectors of 256 bits on every machine.</summary>
/// <remarks>Torch sums in an order that follows the width of the processor's vectors, so that a client on a machine with AVX-512 sent other bits than one without: no common hash of a model
/// whose silos, or whose restarts, are on different machines. Who sets <c>ATEN_CPU_CAPABILITY</c> himself keeps what he set.</remarks>
internal static partial class WidthOfVectors
{
    private const string Variable = "ATEN_CPU_CAPABILITY";

    /// <summary>To be called before torch is loaded, which reads it once.</summary>
    public static void Pin()
    {
        _ = SetVariable(Variable, "avx2", overwrite: 0); // of the process itself: what .NET sets, native code does not see
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
