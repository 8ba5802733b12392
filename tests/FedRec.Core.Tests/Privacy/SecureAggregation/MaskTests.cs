using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Core.Randomness;

namespace FedRec.Core.Tests.Privacy.SecureAggregation;

/// <summary>Streams, keys and masks against published vectors, and the end-to-end vector of masks in a ring of 32 bits.</summary>
public sealed class MaskTests
{
    private static readonly int[] s_ids = [1, 2, 3, 4];

    // RFC 5869, A.1.
    [Fact]
    public void Hkdf_OfTheRfcsVector_DerivesAsItSays()
    {
        var key = new byte[42];

        HKDF.DeriveKey(HashAlgorithmName.SHA256, Hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"), key, Hex("000102030405060708090a0b0c"), Hex("f0f1f2f3f4f5f6f7f8f9"));

        Assert.Equal("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865", Text(key));
    }

    // NIST SP 800-38A, F.5.5: the output blocks, over the place where the counter carries.
    [Fact]
    public void SecretStream_OfNistsVector_CountsAsItSays()
    {
        using var stream = new SecretStream(Hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"), BinaryPrimitives.ReadUInt128BigEndian(Hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")));
        var text = Hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
        var blocks = new byte[text.Length];

        stream.Fill(blocks);

        Assert.Equal(
            "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c52b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6",
            Text(blocks.Zip(text, (block, plain) => (byte)(block ^ plain)).ToArray()));
    }

    [Fact]
    public void Masks_OfTheEndToEndVector_GiveItsBytesAndItsSums()
    {
        var agreement = new X25519Agreement();
        var pairs = s_ids.ToDictionary(id => id, id => agreement.TryOpen(Hash("mask-sk", id))!);
        var vectors = s_ids.ToDictionary(id => id, id => Vector(id).ToArray());

        foreach (var id in s_ids)
        {
            Masks.Add<uint>(vectors[id], Hash("self", id), takeAway: false);
            foreach (var other in s_ids.Where(other => other != id))
            {
                Masks.AddPair<uint>(vectors[id], Seed(pairs, id, other), id, other);
            }
        }

        Assert.Equal("b2befe6f69d8695eb3db7fae0210da65a9a71a943e2271e29153c6cd68d94d49", Text(pairs[1].PublicKey.Span));
        Assert.Equal("7a0f6b6f6d7aab2cb6811a9ab163e22e608e0b343cbb0aa41ae35ba2c25903c4", Text(Seed(pairs, 1, 2)));
        Assert.Equal("13ff8ded30eb37ae57fc5f600d46be70", Text(Stream(Seed(pairs, 2, 1))));
        Assert.Equal(
            ["91b9c01d397cee6e434f9cb7c5f38b36", "2a3d577b293048bb5b8b51ddb53dcc35", "ea857c78a35053a9705ae4546a15f9f4", "6983242fb90e71286086bb612bb8b0dd"],
            s_ids.Select(id => Text(MemoryMarshal.AsBytes<uint>(vectors[id]))));
        Assert.Equal([1111u, 2222u, 3333u, 4439u], Unmasked(pairs, vectors, dropped: []));
        Assert.Equal([1011u, 2022u, 3033u, 4039u], Unmasked(pairs, vectors, dropped: [3]));
    }

    [Fact]
    public void Add_OfAMaskThatIsTakenAwayAgain_LeavesEveryWordOfAnyLength()
    {
        foreach (var length in new[] { 1, 511, 512, 513, 70_001 })
        {
            Check<uint>(length);
            Check<long>(length);
            Check<ulong>(length);
        }

        static void Check<TWord>(int length)
            where TWord : unmanaged, IBinaryInteger<TWord>
        {
            var words = new TWord[length];
            Masks.Add<TWord>(words, Hash("seed", 1), takeAway: false);
            using var stream = new SecretStream(Hash("seed", 1));
            var mask = new byte[MemoryMarshal.AsBytes<TWord>(words).Length];
            stream.Fill(mask);
            Assert.Equal(mask, MemoryMarshal.AsBytes<TWord>(words).ToArray());

            Masks.Add<TWord>(words, Hash("seed", 1), takeAway: true);
            Assert.All(words, word => Assert.Equal(TWord.Zero, word));
        }
    }

    // What a server does: it adds up who is there, and takes out their own masks and those that they have in common with who is not.
    private static uint[] Unmasked(Dictionary<int, IKeyPair> pairs, Dictionary<int, uint[]> vectors, int[] dropped)
    {
        var sum = new uint[4];
        foreach (var id in s_ids.Except(dropped))
        {
            sum = [.. sum.Zip(vectors[id], (one, other) => unchecked(one + other))];
            Masks.Add<uint>(sum, Hash("self", id), takeAway: true);
            foreach (var other in dropped)
            {
                Masks.AddPair<uint>(sum, Seed(pairs, id, other), id, other, undo: true);
            }
        }

        return sum;
    }

    private static byte[] Seed(Dictionary<int, IKeyPair> pairs, int one, int other)
    {
        byte[] agreed = new byte[32], seed = new byte[32];
        Assert.True(pairs[one].TryAgree(pairs[other].PublicKey.Span, agreed));
        PairKeys.Mask(agreed, SHA256.HashData("FedRec KAT v1"u8), Hex("000102030405060708090a0b0c0d0e0f"), one, other, seed);
        return seed;
    }

    private static IEnumerable<uint> Vector(int id) => id == 1 ? [1u, 2u, 3u, uint.MaxValue] : Enumerable.Range(1, 4).Select(place => (uint)(place * (int)Math.Pow(10, id - 1)));

    private static byte[] Stream(byte[] seed)
    {
        var words = new uint[4];
        Masks.Add<uint>(words, seed, takeAway: false);
        return MemoryMarshal.AsBytes<uint>(words).ToArray();
    }

    private static byte[] Hash(string purpose, int id)
    {
        var bytes = new byte[purpose.Length + sizeof(int)];
        Encoding.ASCII.GetBytes(purpose, bytes);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(purpose.Length), id);
        return SHA256.HashData(bytes);
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text);

    private static string Text(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
