using System.Globalization;
using FedRec.Core.Native;
using static TorchSharp.torch;

namespace FedRec.Core.Tests.Native;

[Collection(nameof(TorchCollection))]
public sealed class NativeHeapTests
{
    private const int Repetitions = 50;
    private const int Bytes = 8 << 20;

    [GlibcFact]
    public void EnsureLoaded_TensorsThatComeAndGo_UseTheSameMemory()
    {
        TorchLoader.EnsureLoaded();
        Write(); // takes the memory from the system

        var before = Faults();
        for (var i = 0; i < Repetitions; i++)
        {
            Write();
        }

        // With pages of its own, each tensor costs a fault for each page of it.
        Assert.InRange(Faults() - before, 0, Repetitions * (Bytes / Environment.SystemPageSize) / 20);
    }

    private static void Write()
    {
        using var tensor = ones(Bytes / sizeof(float));
    }

    /// <summary>A fact of Linux, where torch needs glibc, with thresholds that the environment does not set.</summary>
    private sealed class GlibcFactAttribute : FactAttribute
    {
        public GlibcFactAttribute() => Skip = OperatingSystem.IsLinux() && !NativeHeap.IsSetByOperator() ? null : "no Linux, or the environment sets the thresholds";
    }

    /// <summary>Page faults of this thread so far that needed no reading: the tenth field of proc(5)'s stat.</summary>
    private static long Faults()
    {
        var stat = File.ReadAllText("/proc/thread-self/stat");
        return long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[7], CultureInfo.InvariantCulture);
    }
}
