using FedRec.Core.Federation;
using FedRec.Core.Randomness;

namespace FedRec.Core.Tests.Federation;

public sealed class ShareLimitTests
{
    [Fact]
    public void Cap_ForAnySizes_KeepsTheShare()
    {
        var random = new SeededRandom(1);
        for (var trial = 0; trial < 2_000; trial++)
        {
            var sizes = Enumerable.Range(0, 1 + random.NextInt32(30)).Select(_ => 1 + random.NextInt32(1 << (1 + random.NextInt32(14)))).ToArray();
            var share = (1.0 / sizes.Length) + (random.NextDouble() * (1 - (1.0 / sizes.Length)));

            var cap = ShareLimit.Cap(sizes, share);

            var weights = sizes.Select(size => Math.Min(size, cap)).ToArray();
            Assert.True(cap > 0);
            Assert.True(weights.Max() <= (share * weights.Sum()) + 1e-6, $"{weights.Max() / weights.Sum()} is above {share} with {string.Join(' ', sizes)}");
        }
    }

    [Fact]
    public void Cap_OfPowersOfTwo_IsTheLargestThatKeepsTheShare()
    {
        Assert.Equal(3, ShareLimit.Cap([1, 2, 64], 0.5), 1e-12); // 3 of 1 + 2 + 3
        Assert.Equal(4.5, ShareLimit.Cap([2, 4, 8, 128], 0.3), 1e-12); // 4.5 of 2 + 4 + 4.5 + 4.5
        Assert.Equal(1, ShareLimit.Cap([1, 2, 64], 1 / 3.0), 1e-12); // all alike
        Assert.Equal(67, ShareLimit.Cap([1, 2, 64], 1), 1e-12); // nobody is held back
    }

    [Fact]
    public void Cap_WithinOneBucket_DoesNotTellTheSizes()
    {
        Assert.Equal(ShareLimit.Cap([4, 9, 70], 0.5), ShareLimit.Cap([7, 15, 120], 0.5));
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(0)]
    [InlineData(1.01)]
    [InlineData(double.NaN)]
    public void Cap_OfAShareThatCannotBe_SaysWhatCan(double share)
    {
        var refused = Assert.Throws<ArgumentException>(() => ShareLimit.Cap([1, 2, 64], share));

        Assert.Contains("with 3 clients one of them has at least 0.333333", refused.Message, StringComparison.Ordinal);
    }
}
