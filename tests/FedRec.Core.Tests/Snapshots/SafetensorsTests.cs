using System.Text;
using CsCheck;
using FedRec.Core.Snapshots;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Snapshots;

public sealed class SafetensorsTests
{
    private const string GoldenHeader =
        """{"__metadata__":{"format":"fedrec","learner":"mf"},"item_factors":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"bias":{"dtype":"F32","shape":[1,1],"data_offsets":[24,28]}}""";

    private static readonly ModelSnapshot s_golden = new(
        new ParameterLayout(new ParameterBlock("item_factors", 2, 3), new ParameterBlock("bias", 1, 1)),
        new float[] { 0, 1, -1, 0.5f, 1.5f, float.Epsilon, 2 });

    // Names with quotes, backslashes and letters outside ASCII; values with every bit pattern, so also NaN and -0.
    private static readonly Gen<ModelSnapshot> s_snapshots =
        from names in Gen.OneOf(Gen.String[Gen.Char["ab\"\\/ é漢"], 1, 6], Gen.Const("item_factors")).HashSet[0, 5]
        from shapes in Gen.Select(Gen.Int[1, 5], Gen.Int[1, 7]).Array[names.Count]
        let layout = new ParameterLayout([.. names.Zip(shapes, (name, shape) => new ParameterBlock(name, shape.Item1, shape.Item2))])
        from bits in Gen.Int.Array[layout.Length]
        select new ModelSnapshot(layout, bits.Select(BitConverter.Int32BitsToSingle).ToArray());

    [Fact]
    public void Write_TwoBlocksAndMetadata_GivesTheGoldenBytes()
    {
        var metadata = new Dictionary<string, string> { ["learner"] = "mf", ["format"] = "fedrec" };

        var file = Safetensors.Write(s_golden, metadata);

        var padded = GoldenHeader.Length + ((8 - (GoldenHeader.Length % 8)) % 8);
        byte[] values = [.. Convert.FromHexString("00000000" + "0000803f" + "000080bf" + "0000003f" + "0000c03f" + "01000000" + "00000040")];
        Assert.Equal([(byte)padded, 0, 0, 0, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(GoldenHeader.PadRight(padded)), .. values], file);
        Assert.Equal("8aa8509e9b8a574085b149a2d8d977b943b45d0805fd0c537bec732a7489722c", Safetensors.Sha256(file));
    }

    [Fact]
    public void Read_AnyWrittenSnapshot_GivesTheSameBits() => s_snapshots.Sample(snapshot =>
    {
        var read = Safetensors.Read(Safetensors.Write(snapshot));

        Assert.True(snapshot.Layout.Matches(read.Layout));
        Assert.Equal(snapshot.Values.ToArray().Select(BitConverter.SingleToInt32Bits), read.Values.ToArray().Select(BitConverter.SingleToInt32Bits));
    });

    [Fact]
    public void Write_AnySnapshot_StartsTheValuesAtAMultipleOfEight() => s_snapshots.Sample(snapshot =>
    {
        var file = Safetensors.Write(snapshot);

        Assert.Equal(0, (file.Length - (4 * snapshot.Layout.Length)) % 8);
    });

    [Fact]
    public void Read_AnyDamagedFile_GivesASnapshotOrInvalidData()
    {
        var file = Safetensors.Write(s_golden);

        Gen.Select(Gen.Int[0, file.Length - 1], Gen.Byte, Gen.Int[0, file.Length]).Sample((at, value, length) =>
        {
            var damaged = file.ToArray();
            damaged[at] = value;
            var thrown = Record.Exception(() => Safetensors.Read(damaged.AsMemory(0, length)));
            Assert.True(thrown is null or InvalidDataException, thrown?.ToString());
            Assert.True(length == file.Length || thrown is not null, "a file that is cut off was read");
        });
    }

    [Fact]
    public void ReadMetadata_AfterWrite_GivesTheSameText()
    {
        var metadata = new Dictionary<string, string> { ["learner"] = "mf", ["note"] = "a \"b\" é" };

        var read = Safetensors.ReadMetadata(Safetensors.Write(s_golden, metadata));

        Assert.Equal(metadata, read);
        Assert.Empty(Safetensors.ReadMetadata(Safetensors.Write(s_golden)));
    }

    [Fact]
    public void Read_TensorsOutOfOrderWithOtherRanks_OrdersThemByOffset()
    {
        var file = File("""{"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}""", 1, 2, 3);

        var read = Safetensors.Read(file);

        Assert.True(read.Layout.Matches(new ParameterLayout(new ParameterBlock("a", 1, 1), new ParameterBlock("b", 1, 2))));
        Assert.Equal([1, 2, 3], read.Values.ToArray());
    }

    [Theory]
    [InlineData("""[]""", "not an object")]
    [InlineData("""{"a":""", "not valid JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "Duplicate")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "tensors before it end at 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "tensors before it end at 0")]
    [InlineData("""{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}""", "dtype \"F64\"")]
    [InlineData("""{"a":{"shape":[1],"data_offsets":[0,4]}}""", "no dtype")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", "not 8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", "not 4 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[-9223372036854775808,9223372036854775804]}}""", "not 4 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}""", "0 values")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", "values")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1,1,1],"data_offsets":[0,4]}}""", "3 dimensions")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", "1.5 in shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "take 4 bytes but 8 follow")]
    [InlineData("""{"a":7}""", "no dtype")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "UTF-16")]
    [InlineData("""{"__metadata__":{"a":1}}""", "map of text to text")]
    public void Read_HostileHeader_SaysWhatIsWrong(string header, string expected)
    {
        var file = File(header, 1, 2);

        var thrown = Assert.Throws<InvalidDataException>(() => Safetensors.Read(file));

        Assert.Contains(expected, thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "it has 0 bytes")]
    [InlineData("00000000000000", "it has 7 bytes")]
    [InlineData("ffffffffffffffff", "claims 18446744073709551615 bytes")]
    [InlineData("1000000000000000", "cut off")]
    public void Read_BrokenPrefix_SaysWhatIsWrong(string hex, string expected)
    {
        var thrown = Assert.Throws<InvalidDataException>(() => Safetensors.Read(Convert.FromHexString(hex)));

        Assert.Contains(expected, thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_ReservedNameOrWrongLength_Throws()
    {
        var layout = new ParameterLayout(new ParameterBlock("__metadata__", 1, 1));

        Assert.Throws<ArgumentException>(() => Safetensors.Write(new ModelSnapshot(layout, new float[1])));
        Assert.Throws<ArgumentException>(() => Safetensors.Write(s_golden with { Values = new float[6] }));
    }

    [Fact]
    public void Sha256_OfAbc_IsThePublishedDigest() =>
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", Safetensors.Sha256("abc"u8));

    private static byte[] File(string header, params float[] values) =>
        [.. BitConverter.GetBytes((ulong)Encoding.UTF8.GetByteCount(header)), .. Encoding.UTF8.GetBytes(header), .. values.SelectMany(BitConverter.GetBytes)];
}
