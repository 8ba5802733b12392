using System.Runtime.InteropServices;

namespace FedRec.Web.Api;

/// <summary>Tells a file from a pipe, a socket and a device without opening it: opening is what blocks.</summary>
/// <remarks>.NET has no public word for it, but asks its own native library, which every installation of it has.</remarks>
internal static class FileKinds
{
    private const int KindMask = 0xF000;
    private const int RegularFile = 0x8000;
    private const int ModeOffset = 4; // after the flags

    /// <summary>Whether it is an ordinary file; a link is none.</summary>
    public static bool IsRegular(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return File.Exists(path); // pipes and devices have no place among its files
        }

        var status = new byte[256]; // more than the structure has
        return LStat(path, status) == 0 && (BitConverter.ToInt32(status, ModeOffset) & KindMask) == RegularFile;
    }

    [DllImport("libSystem.Native", EntryPoint = "SystemNative_LStat")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int LStat([MarshalAs(UnmanagedType.LPUTF8Str)] string path, byte[] status);
}
