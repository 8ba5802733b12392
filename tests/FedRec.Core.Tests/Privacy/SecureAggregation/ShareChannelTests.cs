using FedRec.Core.Privacy.SecureAggregation;

namespace FedRec.Core.Tests.Privacy.SecureAggregation;

/// <summary>What parties write to each other through the server.</summary>
public sealed class ShareChannelTests
{
    private static readonly byte[] s_key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly byte[] s_text = [.. Enumerable.Range(100, 64).Select(i => (byte)i)];

    [Fact]
    public void TryOpen_OfWhatWasSealed_GivesTheText()
    {
        var (opened, text) = Open(s_key, ShareChannel.Seal(s_key, s_text, [1], 3, 4), [1], 3, 4);

        Assert.True(opened);
        Assert.Equal(s_text, text);
    }

    [Fact]
    public void Seal_OfTheSameText_IsNeverTheSame() =>
        Assert.NotEqual(ShareChannel.Seal(s_key, s_text, [1], 3, 4), ShareChannel.Seal(s_key, s_text, [1], 3, 4));

    [Fact]
    public void TryOpen_WithAnotherKeyRoundSenderOrReceiver_GivesNothing()
    {
        var sealedText = ShareChannel.Seal(s_key, s_text, [1], 3, 4);

        Assert.All(
            [Open([.. s_key.Reverse()], sealedText, [1], 3, 4), Open(s_key, sealedText, [2], 3, 4), Open(s_key, sealedText, [1], 4, 3), Open(s_key, sealedText, [1], 3, 5)],
            result => AssertNothing(result));
    }

    [Fact]
    public void TryOpen_WithAnyBitFlippedOrAnyLength_GivesNothing()
    {
        var sealedText = ShareChannel.Seal(s_key, s_text, [1], 3, 4);

        for (var bit = 0; bit < 8 * sealedText.Length; bit++)
        {
            var flipped = sealedText.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            AssertNothing(Open(s_key, flipped, [1], 3, 4));
        }

        for (var length = 0; length < sealedText.Length; length++)
        {
            AssertNothing(Open(s_key, sealedText[..length], [1], 3, 4));
        }
    }

    private static void AssertNothing((bool Opened, byte[] Text) result)
    {
        Assert.False(result.Opened);
        Assert.All(result.Text, value => Assert.Equal(0, value));
    }

    private static (bool Opened, byte[] Text) Open(byte[] key, byte[] sealedText, byte[] round, int from, int to)
    {
        var text = s_text.Reverse().ToArray();
        return (ShareChannel.TryOpen(key, sealedText, round, from, to, text), text);
    }
}
