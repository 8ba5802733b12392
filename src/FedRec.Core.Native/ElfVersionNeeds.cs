using System.Runtime.InteropServices;
using System.Text;

namespace FedRec.Core.Native;

/// <summary>Edits which symbol versions a 64-bit little-endian ELF file insists on.</summary>
/// <remarks>Section <c>.gnu.version_r</c> of the Linux Standard Base 5.0, §10.7.2: a chain of <c>Verneed</c> records, one per library,
/// each with a chain of <c>Vernaux</c> records, one per version.</remarks>
internal static class ElfVersionNeeds
{
    private const uint SectionTypeVersionNeeds = 0x6ffffffe;
    private const ushort Weak = 2; // VER_FLG_WEAK: the loader warns at most when the version is missing

    /// <summary>Marks the need for a version as weak, in place.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="version">Such as <c>GLIBCXX_3.4.32</c>.</param>
    /// <returns>The number of needs that were marked; 0 when the file does not ask for the version.</returns>
    /// <exception cref="InvalidDataException">Not a 64-bit little-endian ELF file, or a damaged one.</exception>
    public static int Weaken(Span<byte> file, string version)
    {
        try
        {
            return WeakenSections(file, version);
        }
        catch (ArgumentOutOfRangeException error)
        {
            throw new InvalidDataException("The ELF file is damaged: an offset points outside it.", error);
        }
    }

    private static int WeakenSections(Span<byte> file, string version)
    {
        if (file.Length < 64 || !file[..6].SequenceEqual("\u007fELF\u0002\u0001"u8))
        {
            throw new InvalidDataException("Not a 64-bit little-endian ELF file.");
        }

        var (table, size, count) = (Offset(file, 0x28), Read<ushort>(file, 0x3a), Read<ushort>(file, 0x3c));
        var marked = 0;
        for (var i = 0; i < count; i++)
        {
            var section = table + (i * size);
            if (Read<uint>(file, section + 4) == SectionTypeVersionNeeds)
            {
                var names = table + ((int)Read<uint>(file, section + 0x28) * size);
                marked += WeakenSection(file, Offset(file, section + 0x18), Offset(file, names + 0x18), version);
            }
        }

        return marked;
    }

    private static int WeakenSection(Span<byte> file, int need, int names, string version)
    {
        var marked = 0;
        for (uint next = 1; next != 0; need += (int)next)
        {
            var auxiliary = need + (int)Read<uint>(file, need + 8);
            for (uint step = 1; step != 0; auxiliary += (int)step)
            {
                if (HasName(file[(names + (int)Read<uint>(file, auxiliary + 8))..], version))
                {
                    MemoryMarshal.Write(file[(auxiliary + 4)..], (ushort)(Read<ushort>(file, auxiliary + 4) | Weak));
                    marked++;
                }

                step = Read<uint>(file, auxiliary + 12);
            }

            next = Read<uint>(file, need + 12);
        }

        return marked;
    }

    private static bool HasName(ReadOnlySpan<byte> text, string version) =>
        text.Length > version.Length && text[version.Length] == 0 && Encoding.ASCII.GetString(text[..version.Length]) == version;

    private static int Offset(ReadOnlySpan<byte> file, int at) => Read<ulong>(file, at) is var value && value <= (ulong)file.Length
        ? (int)value
        : throw new InvalidDataException("The ELF file is damaged: an offset points outside it.");

    private static T Read<T>(ReadOnlySpan<byte> file, int at)
        where T : struct => MemoryMarshal.Read<T>(file[at..]);
}
