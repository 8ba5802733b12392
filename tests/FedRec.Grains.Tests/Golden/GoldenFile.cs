using System.Runtime.CompilerServices;

namespace FedRec.Grains.Tests.Golden;

/// <summary>Bytes that were once sent or stored, as lines of hexadecimal digits beside this file.</summary>
internal static class GoldenFile
{
    private const string WriteVariable = "FEDREC_WRITE_GOLDEN";
    private const int BytesPerLine = 40;

    /// <summary>Reads a file; when it is missing and FEDREC_WRITE_GOLDEN is 1, writes it first.</summary>
    /// <param name="name">Name without extension.</param>
    /// <param name="actual">What the present code makes, for a file that is missing.</param>
    /// <param name="here">Filled in by the compiler.</param>
    public static byte[] Read(string name, byte[] actual, [CallerFilePath] string here = "")
    {
        var file = Path.Combine(Path.GetDirectoryName(here)!, $"{name}.hex");
        if (!File.Exists(file))
        {
            if (Environment.GetEnvironmentVariable(WriteVariable) != "1")
            {
                Assert.Fail($"There is no golden file for {name}. Commit it as {Path.GetFileName(file)}, or run once with {WriteVariable}=1:\n{Format(actual)}");
            }

            File.WriteAllText(file, Format(actual));
        }

        return Parse(File.ReadAllText(file));
    }

    /// <summary>The files named <c>Name.vN.hex</c>: what older code made of a name that looks different by now.</summary>
    public static IEnumerable<(string Name, string File, byte[] Bytes)> Older([CallerFilePath] string here = "") =>
        from path in Directory.EnumerateFiles(Path.GetDirectoryName(here)!, "*.hex").Order(StringComparer.Ordinal)
        let file = Path.GetFileNameWithoutExtension(path)
        let version = Path.GetExtension(file)
        where version.Length > 2 && version[1] == 'v' && version.AsSpan(2).IndexOfAnyExceptInRange('0', '9') < 0
        select (Path.GetFileNameWithoutExtension(file), file, Parse(File.ReadAllText(path)));

    private static byte[] Parse(string text) => Convert.FromHexString(text.ReplaceLineEndings(""));

    private static string Format(byte[] bytes) => string.Concat(bytes.Chunk(BytesPerLine).Select(line => $"{Convert.ToHexStringLower(line)}\n"));
}
