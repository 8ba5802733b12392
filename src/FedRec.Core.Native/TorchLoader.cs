using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using TorchSharp;

namespace FedRec.Core.Native;

/// <summary>Makes the native torch library load, also where the system's C++ runtime is older than the one it was built with.</summary>
/// <remarks>TorchSharp 0.107 asks for <c>GLIBCXX_3.4.32</c> because of a single symbol that nothing in it refers to; Debian 12 offers
/// 3.4.30 and refuses. Where the library does not load, a private copy is made whose need for that version is weak, and calls go
/// to the copy. Other systems, and newer ones, load the original.
/// <para>An operation of torch uses one thread, here and for good: whoever calls has threads of his own, which would only fight for the cores. A thread keeps the number that holds
/// when it first meets torch, and sums in parts of that number: change it for a moment, and what a thread of the pool computes depends on when it began.</para></remarks>
public static class TorchLoader
{
    private const string Library = "LibTorchSharp";
    private const string MissingVersion = "GLIBCXX_3.4.32";
    private const string WidthVariable = "ATEN_CPU_CAPABILITY";
    private static readonly Lock s_gate = new();
    private static bool s_loaded;

    private delegate int SetEnv([MarshalAs(UnmanagedType.LPUTF8Str)] string name, [MarshalAs(UnmanagedType.LPUTF8Str)] string value, int overwrite);

    /// <summary>Loads native torch once; call it before the first use of <see cref="torch"/>. Safe to repeat and to call from many threads.</summary>
    /// <exception cref="DllNotFoundException">The native files are not part of the program (see the project FedRec.Torch), or do not load even so.</exception>
    public static void EnsureLoaded()
    {
        lock (s_gate)
        {
            if (!s_loaded)
            {
                Load();
                NativeHeap.KeepFreed();
                s_loaded = true;
            }
        }
    }

    /// <summary>Whether the native files are part of the program, as far as can be told without loading them: true where the system itself looks for them.</summary>
    public static bool IsPresent => !FindsFiles || (Look($"lib{Library}.so") is not null && Look("libtorch.so") is not null);

    private static bool FindsFiles => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    private static void Load()
    {
        if (FindsFiles)
        {
            PinWidth();
            var original = Find($"lib{Library}.so");
            NativeLibrary.Load(Find("libtorch.so")); // the copy finds it by name
            var handle = NativeLibrary.TryLoad(original, out var present) ? present : LoadPatched(original);
            NativeLibrary.SetDllImportResolver(typeof(torch).Assembly, (name, _, _) => name == Library ? handle : 0);
        }

        torch.InitializeDeviceType(DeviceType.CPU);
        torch.set_num_threads(1);
    }

    // Torch sums in an order that follows the width of the processor's vectors: a client on a machine with AVX-512 sent other bits than one without, and no hash of a model was common
    // to both. It reads the variable once, when it is loaded, and from the process itself: what .NET sets, native code does not see. Whoever has set it keeps what he set.
    private static void PinWidth()
    {
        if (Avx2.IsSupported && Fma.IsSupported && NativeLibrary.TryLoad("libc.so.6", out var library) && NativeLibrary.TryGetExport(library, "setenv", out var address))
        {
            _ = Marshal.GetDelegateForFunctionPointer<SetEnv>(address)(WidthVariable, "avx2", overwrite: 0);
        }
    }

    private static nint LoadPatched(string original)
    {
        var content = File.ReadAllBytes(original);
        if (ElfVersionNeeds.Weaken(content, MissingVersion) == 0)
        {
            return NativeLibrary.Load(original); // it fails for another reason: let the loader say which
        }

        return NativeLibrary.Load(PrivateCopy.Write(PrivateCopy.DefaultFolder(), Library, content));
    }

    private static string Find(string file) => Look(file)
        ?? throw new DllNotFoundException($"Native torch is not part of this program: {file} is not in any of {string.Join(", ", Folders())}. "
            + "The networks (ncf, two-tower, mlp, sasrec) and the solution of ease need it. Reference the project FedRec.Torch in the program that has the silo, or train mf.");

    private static string? Look(string file) => Folders().Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);

    // Where the host looks for native libraries.
    private static IEnumerable<string> Folders() =>
    [
        .. $"{AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES")}".Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
        Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native"),
        AppContext.BaseDirectory,
    ];
}
