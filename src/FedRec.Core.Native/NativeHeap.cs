using System.Runtime.InteropServices;

namespace FedRec.Core.Native;

/// <summary>Has the C library keep the memory that torch frees, instead of giving it back to the system after every operation.</summary>
/// <remarks>glibc serves allocations from 128 kB on with pages of their own, which it returns when they are freed: each tensor of a training
/// step of many users then costs a page fault per 4 kB, which on a virtual machine took up to ten times as long as the arithmetic
/// (see <c>NeuralBatching</c> of FedRec.Benchmarks). Its thresholds would adapt, but only as far as the largest block freed so far.</remarks>
internal static class NativeHeap
{
    /// <summary>Allocations below this come from the heap: 32 MB, the most that glibc takes on 64-bit systems (mallopt(3)).</summary>
    public const int OwnPagesFrom = 32 << 20;

    /// <summary>Free memory at the end of a heap that is kept, in bytes: 64 MB, the size of a thread's heap.</summary>
    public const int Kept = 64 << 20;

    private const int TrimThreshold = -1; // M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h
    private const int MmapThreshold = -3;

    private static readonly string[] s_variables = ["MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "GLIBC_TUNABLES"];

    private delegate int MallOpt(int parameter, int value);

    /// <summary>Sets both thresholds for the process. Where the operator has set them by environment variable, those stay.</summary>
    /// <returns>Whether the C library took both; false on systems without glibc.</returns>
    public static bool KeepFreed()
    {
        if (!OperatingSystem.IsLinux() || IsSetByOperator() || !NativeLibrary.TryLoad("libc.so.6", out var library)
            || !NativeLibrary.TryGetExport(library, "mallopt", out var address))
        {
            return false;
        }

        var mallopt = Marshal.GetDelegateForFunctionPointer<MallOpt>(address);
        return mallopt(MmapThreshold, OwnPagesFrom) == 1 && mallopt(TrimThreshold, Kept) == 1;
    }

    /// <summary>Whether an environment variable decides about the thresholds.</summary>
    public static bool IsSetByOperator() =>
        s_variables.Any(name => Environment.GetEnvironmentVariable(name) is not null);
}
