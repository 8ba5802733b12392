using System.Runtime.InteropServices;
using FedRec.Contracts.Runs;
using Microsoft.Extensions.Options;

namespace FedRec.Web.Api;

/// <summary>The one folder whose files a request may name. Without one, no request names a file.</summary>
/// <remarks>A link may lead anywhere, and a pipe or device blocks or never ends whoever reads it: neither is followed, in the
/// named file's folder either, since lists of items and users are found beside the interactions.</remarks>
internal sealed class DataRoot(IOptions<FedRecWebOptions> options)
{
    private const int MostEntries = 10_000;
    private const int MostUsers = 20_000; // of made-up data and parties
    private const int MostItems = 5_000;
    private readonly string? _root = options.Value.DataRoot is { } root ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)) : null;

    /// <summary>The full path of what a request names.</summary>
    /// <param name="path">Relative to the root, or an absolute path below it; null stays null.</param>
    /// <param name="name">The member of the request.</param>
    /// <exception cref="ProblemException">There is no root, or the path leads elsewhere or to no plain file or folder.</exception>
    public string? Find(string? path, string name)
    {
        if (path is null)
        {
            return null;
        }

        if (_root is null)
        {
            throw ProblemException.BadRequest($"'{name}' names a file, and this server opens none for a request: FedRec:Web:DataRoot is not set. " +
                "Start the run from a terminal with --data, or set that folder.");
        }

        // One answer for all that is not there for the caller: it tells nothing of files elsewhere.
        return !path.Contains('\0', StringComparison.Ordinal) && Path.GetFullPath(path, _root) is var full && IsBelow(full) && IsPlain(full) ? full
            : throw ProblemException.BadRequest($"'{name}' is no plain file or folder below the data root of this server. Links, pipes and devices are not opened.");
    }

    /// <summary>What a caller wants simulated, with the full paths of what it names.</summary>
    /// <exception cref="ProblemException">A path or size is not acceptable.</exception>
    public DataSpec Find(DataSpec data)
    {
        Check.Range(data.SyntheticUsers, 1, MostUsers, "syntheticUsers");
        Check.Range(data.SyntheticItems, 8, MostItems, "syntheticItems");
        Check.Range(data.Parties, 0, MostUsers, "parties");
        return data with
        {
            Path = Find(data.Path, "path"),
            Schema = Find(data.Schema, "schema"),
            ContextData = Find(data.ContextData, "contextData"),
        };
    }

    /// <summary>A file, or a place in one, as a caller may see it: relative to the root, and elsewhere without its folders.</summary>
    public string Shown(string place) => _root is not null && IsBelow(place) ? place[(_root.Length + 1)..] : Path.GetFileName(place);

    /// <summary>What is simulated as a caller may see it: with paths that he may give.</summary>
    public DataSpec Shown(DataSpec data) => data with
    {
        Path = data.Path is { } path ? Shown(path) : null,
        Schema = data.Schema is { } schema ? Shown(schema) : null,
        ContextData = data.ContextData is { } context ? Shown(context) : null,
    };

    private bool IsBelow(string full) => full.StartsWith(_root + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private bool IsPlain(string full)
    {
        for (var folder = Path.GetDirectoryName(full)!; folder.Length > _root!.Length; folder = Path.GetDirectoryName(folder)!)
        {
            if (!IsPlainFolder(new DirectoryInfo(folder)))
            {
                return false;
            }
        }

        var isFolder = Directory.Exists(full);
        var around = new DirectoryInfo(isFolder ? full : Path.GetDirectoryName(full)!);
        return (isFolder ? IsPlainFolder(around) : File.Exists(full)) && around.Exists
            && around.EnumerateFileSystemInfos("*", isFolder ? SearchOption.AllDirectories : SearchOption.TopDirectoryOnly)
                .Select((entry, number) => number < MostEntries && (entry is DirectoryInfo folder ? !isFolder || IsPlainFolder(folder) : IsPlainFile(entry)))
                .All(plain => plain);
    }

    private static bool IsPlainFolder(DirectoryInfo folder) => folder is { Exists: true, LinkTarget: null };

    private static bool IsPlainFile(FileSystemInfo file) => file.LinkTarget is null && FileKinds.IsRegular(file.FullName);
}

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
