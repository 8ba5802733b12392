using FedRec.Core.Learners.PrincipalComponents;

namespace FedRec.Core.Tests.Learners.PrincipalComponents;

/// <summary>The more noise, the fewer items: those whose pairs could not be told from it would but add to it.</summary>
public sealed class CommonItemsTests
{
    private static readonly float[] s_means = [.. Enumerable.Range(0, 500).Select(item => 0.1f / (1 + (0.05f * item)))];

    [Fact]
    public void Choose_WithMoreNoise_TakesFewer_AndWithoutAnyAllThatMayBe()
    {
        int Taken(double noise) => CommonItems.Choose(s_means, noise, 400).Items.Length;

        var taken = new[] { 0, 0.0005, 0.002, 0.005, 0.02, 1 }.Select(Taken).ToArray();

        Assert.Equal((400, CommonItems.Least), (taken[0], taken[^1]));
        Assert.Equal(taken.OrderDescending(), taken);
        Assert.InRange(taken[3], CommonItems.Least + 1, 399);
    }

    [Fact]
    public void Choose_OfMeansInAnyOrder_TakesTheSameItems()
    {
        int[] moved = [.. Enumerable.Range(0, 500).Select(item => item * 7 % 500)];
        var means = new float[500];
        for (var item = 0; item < 500; item++)
        {
            means[moved[item]] = s_means[item];
        }

        var (chosen, other) = (CommonItems.Choose(s_means, 0.002, 400), CommonItems.Choose(means, 0.002, 400));

        Assert.Equal(chosen.Items.Select(item => moved[item]).Order(), other.Items);
        Assert.Equal(1, other.Direction.Sum(value => (double)value * value), 1e-6);
    }

    [Fact]
    public void Choose_OfFewItems_TakesThemAll_AndOfMeansBelowZeroNoDirection()
    {
        Assert.Equal([0, 1, 2], CommonItems.Choose([0.1f, 0.2f, 0.3f], 5, 400).Items);
        Assert.Equal([0, 0], CommonItems.Choose([-0.1f, -0.2f], 5, 400).Direction);
    }
}
