using System.Security.Cryptography;
using System.Text.Json;

namespace FedRec.Hosting.Azurite;

/// <summary>The files from <c>silo-config/azurite</c> that pin the emulator; embedded, so that FedRec runs from any folder.</summary>
internal static class AzuritePackage
{
    private const string Script = "emulator.cjs";
    private static readonly string[] s_files = ["package.json", "package-lock.json", ".npmrc"];

    private static readonly Lazy<int> s_count = new(CountLocked);

    /// <summary>Name of the folder of this installation: the version, and a hash of the files, so that a changed lock file is installed anew.</summary>
    public static string FolderName { get; } = $"azurite-{Version()}-{Hash(s_files)}";

    /// <summary>Name of the script that node runs, in that folder; another version of FedRec has its own beside it.</summary>
    public static string ScriptName { get; } = $"emulator-{Hash([Script])}.cjs";

    /// <summary>How many packages npm installs.</summary>
    public static int Count => s_count.Value;

    /// <summary>Writes the files into a folder.</summary>
    public static void WriteTo(string folder)
    {
        foreach (var file in s_files)
        {
            File.WriteAllBytes(Path.Combine(folder, file), Read(file));
        }
    }

    /// <summary>Writes the script where it is missing.</summary>
    public static void WriteScriptTo(string folder)
    {
        var path = Path.Combine(folder, ScriptName);
        if (!File.Exists(path))
        {
            var partial = $"{path}.{Environment.ProcessId}";
            File.WriteAllBytes(partial, Read(Script));
            File.Move(partial, path, overwrite: true); // whoever finds it finds all of it
        }
    }

    private static string Version()
    {
        using var json = JsonDocument.Parse(Read("package.json"));
        return json.RootElement.GetProperty("dependencies").GetProperty("azurite").GetString()!;
    }

    private static int CountLocked()
    {
        using var json = JsonDocument.Parse(Read("package-lock.json"));
        return json.RootElement.GetProperty("packages").EnumerateObject().Count(package => package.Name.Length > 0); // the nameless one is this package
    }

    private static string Hash(IEnumerable<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
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
