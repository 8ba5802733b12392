using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Core.Randomness;

namespace FedRec.Core.Tests.Privacy.SecureAggregation;

/// <summary>Messages as bytes: written in one way only, and read whatever comes.</summary>
public sealed class SecureMessageTests
{
    private static readonly Advertisement s_keys = new(7, Bytes(32, 1), Bytes(4, 2), Bytes(5, 3), Bytes(32, 4), Bytes(3, 5));
    private static readonly SealedShare s_share = new(9, Bytes(4, 6), Bytes(16, 7), Bytes(16, 8));

    // Bytes of version 1, which stay as they are: another version has another number.
    public static TheoryData<string, string> Golden { get; } = new()
    {
        { nameof(Advertisement), "0101" + "07000000" + Hex(32, 1) + "04000000" + Hex(4, 2) + "05000000" + Hex(5, 3) + Hex(32, 4) + "03000000" + Hex(3, 5) },
        { nameof(Roll), "0201" + "01000000" + "5e000000" + "0101" + "07000000" + Hex(32, 1) + "04000000" + Hex(4, 2) + "05000000" + Hex(5, 3) + Hex(32, 4) + "03000000" + Hex(3, 5) },
        { nameof(SealedShares), "0301" + "07000000" + "01000000" + "09000000" + "04000000" + Hex(4, 6) + Hex(16, 7) + Hex(16, 8) + "03000000" + Hex(3, 5) },
        { nameof(ShareDelivery), "0401" + "02000000" + "07000000" + "09000000" + "01000000" + "07000000" + "09000000" + "04000000" + Hex(4, 6) + Hex(16, 7) + Hex(16, 8) },
        { nameof(InputReceipt), "0501" + "07000000" + "01000000" + "09000000" + Hex(32, 9) + "03000000" + Hex(3, 5) },
        { nameof(MaskedInput), "0601" + "35000000" + "0501" + "07000000" + "01000000" + "09000000" + Hex(32, 9) + "03000000" + Hex(3, 5) + Hex(16, 10) },
        { nameof(Survivors), "0701" + "02000000" + "07000000" + "09000000" },
        { nameof(Consent), "0801" + "07000000" + Hex(32, 9) + "03000000" + Hex(3, 5) },
        { nameof(ConsentList), "0901" + "01000000" + "2d000000" + "0801" + "07000000" + Hex(32, 9) + "03000000" + Hex(3, 5) },
        { nameof(UnmaskShares), "0a01" + "07000000" + "02000000" + "07000000" + "01" + Hex(32, 11) + "09000000" + "00" + Hex(32, 12) + "03000000" + Hex(3, 5) },
    };

    private static Dictionary<string, (byte[] Bytes, Func<byte[], byte[]> Again)> Messages { get; } = new()
    {
        [nameof(Advertisement)] = (s_keys.Encode(), bytes => Advertisement.Decode(bytes).Encode()),
        [nameof(Roll)] = (new Roll([s_keys]).Encode(), bytes => Roll.Decode(bytes).Encode()),
        [nameof(SealedShares)] = (new SealedShares(7, [s_share], Bytes(3, 5)).Encode(), bytes => SealedShares.Decode(bytes).Encode()),
        [nameof(ShareDelivery)] = (new ShareDelivery([7, 9], [new DealtShare(7, s_share)]).Encode(), bytes => ShareDelivery.Decode(bytes).Encode()),
        [nameof(InputReceipt)] = (new InputReceipt(7, [9], Bytes(32, 9), Bytes(3, 5)).Encode(), bytes => InputReceipt.Decode(bytes).Encode()),
        [nameof(MaskedInput)] = (new MaskedInput(new InputReceipt(7, [9], Bytes(32, 9), Bytes(3, 5)), Bytes(16, 10)).Encode(), bytes => MaskedInput.Decode(bytes).Encode()),
        [nameof(Survivors)] = (new Survivors([7, 9]).Encode(), bytes => Survivors.Decode(bytes).Encode()),
        [nameof(Consent)] = (new Consent(7, Bytes(32, 9), Bytes(3, 5)).Encode(), bytes => Consent.Decode(bytes).Encode()),
        [nameof(ConsentList)] = (new ConsentList([new Consent(7, Bytes(32, 9), Bytes(3, 5))]).Encode(), bytes => ConsentList.Decode(bytes).Encode()),
        [nameof(UnmaskShares)] = (
            new UnmaskShares(7, [new ShownShare(7, SecretKind.SelfMask, Bytes(32, 11)), new ShownShare(9, SecretKind.MaskKey, Bytes(32, 12))], Bytes(3, 5)).Encode(), bytes => UnmaskShares.Decode(bytes).Encode()),
    };

    [Theory]
    [MemberData(nameof(Golden))]
    public void Encode_OfEachMessage_IsAsItWasRecorded(string message, string golden)
    {
        Assert.Equal(golden, Convert.ToHexStringLower(Messages[message].Bytes));
        Assert.Equal(golden, Convert.ToHexStringLower(Messages[message].Again(Convert.FromHexString(golden))));
    }

    [Fact]
    public void Golden_OfMessages_HasEachOfThem() => Assert.Equal(Messages.Keys.Order(), Golden.Select(row => (string)row[0]).Order());

    // What is no message is refused by the one exception that is documented, with little memory; and what is one is written in one way.
    [Fact]
    public void Decode_OfHostileBytes_RefusesThemOrReadsAllOfThem()
    {
        var random = SeedSequence.For(3, "hostile");
        var (read, refused) = (0, 0);
        foreach (var (message, (bytes, again)) in Messages)
        {
            for (var draw = 0; draw < 3_000; draw++)
            {
                var hostile = Spoil(bytes, ref random);
                var before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    Assert.Equal(hostile, again(hostile));
                    read++;
                }
                catch (InvalidDataException exception)
                {
                    Assert.StartsWith("A message of secure aggregation cannot be read: ", exception.Message, StringComparison.Ordinal);
                    refused++;
                }

                Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 40_000, $"{message} took {GC.GetAllocatedBytesForCurrentThread() - before} bytes of memory for {hostile.Length}.");
            }
        }

        Assert.True(read > 1_000 && refused > 10_000, $"{read} read, {refused} refused.");
    }

    // The same at the machines: whatever they are told, they answer, and go on where they were.
    [Fact]
    public void Machines_WithHostileMessages_RefuseThemAndGoOn()
    {
        var random = SeedSequence.For(4, "hostile");
        using var session = new SecureSession(4);
        var number = session.Round.Numbers[0];
        var client = session.Clients[number];

        Bombard(SecureSession.Value(client.Advertise()).Encode(), bytes => session.Server.Accept(Advertisement.Decode(bytes)));
        session.Clients[number] = Fresh(session, number);
        Assert.Null(session.Advertise(_ => true));
        client = session.Clients[number];
        Bombard(session.Server.RollOf(number).Encode(), bytes => client.Share(Roll.Decode(bytes)).Refusal);
        Assert.Null(session.Share(_ => true));
        Bombard(session.Server.DeliveryOf(number).Encode(), bytes => Copy(client, again => again.Mask(ShareDelivery.Decode(bytes), session.UpdateOf(number))) is { } input && input.Receipt.Unopened.Length == 0 ? null : Refused());
        Assert.Null(session.Mask(_ => true));
        Bombard(session.Server.Survivors.Encode(), bytes => client.Consent(Survivors.Decode(bytes)).Refusal);
        Assert.Null(session.Consent(_ => true));
        Bombard(session.Server.ConsentsOf(number).Encode(), bytes => client.Unmask(ConsentList.Decode(bytes)).Refusal);
        session.Unmask(other => other != number);
        var shown = SecureSession.Value(client.Unmask(session.Server.ConsentsOf(number)));
        Bombard(shown.Encode(), bytes => session.Server.Accept(UnmaskShares.Decode(bytes)));
        Assert.Null(session.Server.Accept(shown));
        DropoutTests.AssertIsSumOf(session, SecureSession.Value(session.Server.Finish(session.Sum)), session.Round.Numbers);

        void Bombard(byte[] message, Func<byte[], Refusal?> take)
        {
            for (var draw = 0; draw < 500; draw++)
            {
                var hostile = Spoil(message, ref random);
                try
                {
                    Assert.True(hostile.AsSpan().SequenceEqual(message) || take(hostile) is not null, $"{Convert.ToHexString(hostile)} was taken for {Convert.ToHexString(message)}.");
                }
                catch (InvalidDataException)
                {
                    // as documented
                }
            }
        }

        T? Copy<T>(SecureClient of, Func<SecureClient, Outcome<T>> step)
            where T : class
        {
            using var copy = SecureClient.Import(session.Round, session.Signers[number], of.Export());
            return step(copy).Value;
        }

        static Refusal Refused() => new(RefusalReason.WrongShape, null, "");
    }

    private static SecureClient Fresh(SecureSession session, int number) => new(session.Round, number, session.Signers[number]);

    // Flips, cuts, repeats, and numbers that are too large where lengths are.
    internal static byte[] Spoil(byte[] bytes, ref SeededRandom random)
    {
        var spoilt = bytes.ToArray();
        for (var changes = 1 + random.NextInt32(3); changes > 0 && spoilt.Length > 0; changes--)
        {
            var at = random.NextInt32(spoilt.Length);
            switch (random.NextInt32(6))
            {
                case 0:
                    spoilt = spoilt[..at];
                    break;
                case 1:
                    spoilt = [.. spoilt, (byte)random.NextInt32(256)];
                    break;
                case 2:
                    spoilt = [.. spoilt[..at], .. spoilt[at..], .. spoilt[at..]];
                    break;
                case 3 when at + 4 <= spoilt.Length:
                    BitConverter.GetBytes(random.NextInt32(2) == 0 ? int.MaxValue - random.NextInt32(9) : int.MinValue + random.NextInt32(9)).CopyTo(spoilt, at);
                    break;
                default:
                    spoilt[at] ^= (byte)(1 << random.NextInt32(8));
                    break;
            }
        }

        return spoilt;
    }

    private static ReadOnlyMemory<byte> Bytes(int count, byte first) => Convert.FromHexString(Hex(count, first));

    private static string Hex(int count, byte first) => Convert.ToHexStringLower([.. Enumerable.Range(0, count).Select(i => (byte)((17 * first) + i))]);
}
