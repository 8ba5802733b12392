using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Updates;

public sealed class NormClippingTests
{
    private static readonly UpdateLayout s_layout = new(new("rows", 3, 2, BlockRole.Delta), new("counts", 1, 2, BlockRole.Count), new("layers", 1, 2, BlockRole.Delta));

    [Fact]
    public void Apply_ALongUpdate_IsShortenedByHand()
    {
        var update = Of((2, [3, 0]), (5, [4, 100, 200, 12])); // 4, then the counts, then 12: 3, 4 and 12 have length 13

        var outcome = new NormClipping(6.5).Apply(ref update, default(UpdateContext) with { Layout = s_layout });

        Assert.Equal(UpdateOutcome.Clipped, outcome);
        Assert.Equal([1.5f, 0, 2, 100, 200, 6], update.Values.Values.ToArray().Select(value => MathF.Round(value, 5)));
    }

    [Fact]
    public void Apply_AShortUpdate_LeavesEveryBit()
    {
        var update = Of((0, [3, 4]), (6, [1e6f]));

        Assert.Equal(UpdateOutcome.Unchanged, new NormClipping(5).Apply(ref update, default(UpdateContext) with { Layout = s_layout }));
        Assert.Equal([3, 4, 1e6f], update.Values.Values.ToArray());
    }

    // Twice 3 in one place is 6 in the sum, and √18 as it stands: the sum would be longer than what was clipped.
    [Fact]
    public void Apply_DirectionsWhoseSegmentsSharePlaces_IsRefused()
    {
        var update = Of((0, [3]), (0, [3]));
        update.Values.LargestTotal = 6;

        Assert.Throws<InvalidOperationException>(() => new NormClipping(5).Apply(ref update, default(UpdateContext) with { Layout = s_layout }));
    }

    [Fact]
    public void Apply_RandomUpdates_NeverAreLongerThanTheNorm()
    {
        var random = new SeededRandom(5);
        for (var draw = 0; draw < 2_000; draw++)
        {
            var norm = Math.Pow(10, (6 * random.NextDouble()) - 3);
            var update = Of((0, [.. Enumerable.Range(0, 6).Select(_ => (float)(random.NextGaussian() * norm))]), (8, [(float)random.NextGaussian(), 0]));

            new NormClipping(norm).Apply(ref update, default(UpdateContext) with { Layout = s_layout });

            Assert.InRange(NormClipping.Length(update.Values, s_layout), 0, norm);
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Apply_WhatIsNotFinite_IsLeftToTheAggregator(float value)
    {
        var update = Of((0, [value, 1]));

        Assert.Equal(UpdateOutcome.Unchanged, new NormClipping(5).Apply(ref update, default(UpdateContext) with { Layout = s_layout }));
        Assert.Equal([value, 1], update.Values.Values.ToArray());
    }

    private static ClientUpdate Of(params (int Offset, float[] Values)[] segments)
    {
        var buffer = new UpdateBuffer();
        foreach (var (offset, values) in segments)
        {
            values.CopyTo(buffer.Segment(offset, values.Length));
        }

        return new ClientUpdate(buffer, 1, 0, 1);
    }
}
