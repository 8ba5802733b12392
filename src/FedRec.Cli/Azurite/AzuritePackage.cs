using System.Security.Cryptography;
using System.Text.Json;

namespace FedRec.Cli.Azurite;

/// <summary>The files from <c>silo-config/azurite</c> that pin the emulator; embedded, so that FedRec runs from any folder.</summary>
internal static class AzuritePackage
{
    public const string StopWithParent = "stop-with-parent.cjs";

    private static readonly string[] s_files = ["package.json", "package-lock.json", ".npmrc", StopWithParent];

    /// <summary>Name of the folder of this installation: the version, and a hash of the files, so that a changed lock file is installed anew.</summary>
    public static string FolderName { get; } = $"azurite-{Version()}-{Hash()}";

    /// <summary>Writes the files into a folder.</summary>
    public static void WriteTo(string folder)
    {
        foreach (var file in s_files)
        {
            File.WriteAllBytes(Path.Combine(folder, file), Read(file));
        }
    }

    private static string Version()
    {
        using var json = JsonDocument.Parse(Read("package.json"));
        return json.RootElement.GetProperty("dependencies").GetProperty("azurite").GetString()!;
    }

    private static string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in s_files)
        {
            hash.AppendData(Read(file));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 4));
    }

    private static byte[] Read(string file)
    {
        using var stream = typeof(AzuritePackage).Assembly.GetManifestResourceStream($"azurite/{file}")
            ?? throw new InvalidOperationException($"The program was built without silo-config/azurite/{file}.");
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
