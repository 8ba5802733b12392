using System.Buffers.Binary;
using System.Text;
using FedRec.Core.Native;

namespace FedRec.Core.Tests.Native;

public sealed class ElfVersionNeedsTests
{
    private const int Need = 0x40;
    private const int FirstAuxiliary = Need + 16;
    private const int SecondAuxiliary = FirstAuxiliary + 16;
    private const int Names = SecondAuxiliary + 16;
    private const int Sections = Names + 64;

    [Fact]
    public void Weaken_TheAskedVersion_SetsOneFlagAndNothingElse()
    {
        var original = File();
        var changed = File();

        var marked = ElfVersionNeeds.Weaken(changed, "NEW_1.2");

        Assert.Equal(1, marked);
        Assert.Equal([SecondAuxiliary + 4], Enumerable.Range(0, original.Length).Where(i => original[i] != changed[i]));
        Assert.Equal(2, changed[SecondAuxiliary + 4]);
    }

    [Theory]
    [InlineData("NEW_1.3")]
    [InlineData("NEW_1")]
    public void Weaken_AnotherVersion_ChangesNothing(string version)
    {
        var file = File();

        Assert.Equal(0, ElfVersionNeeds.Weaken(file, version));

        Assert.Equal(File(), file);
    }

    [Fact]
    public void Weaken_NotElf_Throws()
    {
        Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.Weaken(new byte[100], "NEW_1.2"));
        Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.Weaken(new byte[3], "NEW_1.2"));
    }

    [Fact]
    public void Weaken_CutShort_SaysThatTheFileIsDamaged() =>
        Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.Weaken(File().AsSpan(0, Sections + 10), "NEW_1.2"));

    /// <summary>The smallest file with one library, two versions and the strings they point to.</summary>
    private static byte[] File()
    {
        var file = new byte[Sections + (2 * 64)];
        "\u007fELF\u0002\u0001"u8.CopyTo(file);
        Write(file, 0x28, Sections);
        (file[0x3a], file[0x3c]) = (64, 2);

        Write(file, Need + 8, 16); // first version
        Write(file, FirstAuxiliary + 8, 1);
        Write(file, FirstAuxiliary + 12, 16); // next version
        Write(file, SecondAuxiliary + 8, 9);
        Encoding.ASCII.GetBytes("\0OLD_1.0\0NEW_1.2\0").CopyTo(file.AsSpan(Names));

        Write(file, Sections + 0x18, Names); // section 0: the strings
        Write(file, Sections + 64 + 4, 0x6ffffffe); // section 1: the needs, with strings in section 0
        Write(file, Sections + 64 + 0x18, Need);
        return file;
    }

    private static void Write(byte[] file, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), value);
}
