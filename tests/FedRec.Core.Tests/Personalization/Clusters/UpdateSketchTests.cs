using FedRec.Core.Personalization.Clusters;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Personalization.Clusters;

public sealed class UpdateSketchTests
{
    [Fact]
    public void Write_OfUpdates_KeepsTheirCosines()
    {
        var random = new SeededRandom(5);
        var (a, b) = (new float[5_000], new float[5_000]);
        for (var i = 0; i < a.Length; i++)
        {
            a[i] = (float)random.NextGaussian();
            b[i] = (0.6f * a[i]) + (0.8f * (float)random.NextGaussian()); // cosine 0.6
        }

        var cosine = Dot(Sketch(a), Sketch(b));

        Assert.Equal(0.6, cosine, 3.0 / 16); // three standard errors
        Assert.Equal(1, Dot(Sketch(a), Sketch(a)), 1e-5);
    }

    [Fact]
    public void Write_OfALongerUpdate_IsOfTheSameDirection() => Assert.Equal(Sketch([1, -2, 3]), Sketch([4, -8, 12]), (x, y) => Math.Abs(x - y) < 1e-6);

    [Fact]
    public void Write_OfOneValue_IsOneSignedPlace()
    {
        var (one, opposite) = (Sketch([0, 0, 2]), Sketch([0, 0, -5]));

        Assert.Equal(1, Math.Abs(Assert.Single(one, value => value != 0)));
        Assert.Equal(one.Select(value => -value), opposite);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Write_OfNoDirection_IsZero(float value) => Assert.All(Sketch([value, 0]), number => Assert.Equal(0, number));

    [Fact]
    public void Write_OfNothing_IsZero() => Assert.All(Sketch([]), number => Assert.Equal(0, number));

    [Fact]
    public void Write_CountsOnlyTheBeginningOfTheLayout()
    {
        var update = new UpdateBuffer();
        update.Segment(1, 3).Fill(2);
        var (two, one) = (new float[UpdateSketch.Length], new UpdateBuffer());
        one.Segment(1, 1).Fill(2);
        var expected = new float[UpdateSketch.Length];

        UpdateSketch.Write(update, 2, two);
        UpdateSketch.Write(one, 100, expected);

        Assert.Equal(expected, two);
    }

    private static float[] Sketch(float[] values)
    {
        var (update, sketch) = (new UpdateBuffer(), new float[UpdateSketch.Length]);
        if (values.Length > 0)
        {
            values.CopyTo(update.Segment(0, values.Length));
        }

        UpdateSketch.Write(update, values.Length, sketch);
        return sketch;
    }

    private static double Dot(float[] one, float[] other) => one.Zip(other, (x, y) => (double)x * y).Sum();
}
