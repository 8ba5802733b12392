using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Core.Learners.MatrixFactorizations;
using FedRec.Core.Personalization;
using FedRec.Core.Randomness;

namespace FedRec.Core.Tests.Personalization;

/// <summary>How a client validates its own model.</summary>
public sealed class InterpolationTests
{
    private static ClientData Of(int itemCount, params int[][] users)
    {
        int[] offsets = [0, .. users.Select((_, user) => users.Take(user + 1).Sum(items => items.Length))];
        return new ClientData(new UserItems(offsets, [.. users.SelectMany(items => items)]), Enumerable.Range(0, users.Length).ToArray(), itemCount);
    }

    [Theory]
    [InlineData(5, 1)]
    [InlineData(9, 1)]
    [InlineData(10, 2)]
    [InlineData(21, 4)]
    public void Draw_HidesAFifthAndKeepsTheRest(int items, int hiddenItems)
    {
        var own = Of(30, [.. Enumerable.Range(0, items - 2)], [7, 9]);
        var random = new SeededRandom(3);

        var hidden = HiddenItems.Draw(own, ref random)!;

        Assert.Equal(items - hiddenItems, hidden.Rest.Items(0).Length + hidden.Rest.Items(1).Length);
        Assert.Empty(hidden.Rest.Items(1).ToArray().Except([7, 9]));
    }

    [Fact]
    public void Draw_OfFewerThanFiveItems_HidesNothing()
    {
        var random = new SeededRandom(3);

        Assert.Null(HiddenItems.Draw(Of(30, [1, 2], [3, 4]), ref random));
    }

    [Fact]
    public void ReciprocalRank_IsOfTheHiddenItemsAmongTheOthers()
    {
        var own = Of(10, [0, 1, 2, 3, 4]);
        var random = new SeededRandom(3);
        var hidden = HiddenItems.Draw(own, ref random)!;
        var item = own.Items(0).ToArray().Except(hidden.Rest.Items(0).ToArray()).Single();

        double Of5(float score) => hidden.ReciprocalRank((_, scores) => // the five others score 5 to 9, the client's own items 100
        {
            for (var i = 0; i < 10; i++)
            {
                scores[i] = i == item ? score : i < 5 ? 100 : i;
            }
        });

        Assert.Equal(1, Of5(50));
        Assert.Equal(1 / 3.0, Of5(7.5f));
        Assert.Equal(1 / 3.5, Of5(7)); // tied with one: half above
        Assert.Equal(1 / 6.0, Of5(0));
    }

    [Fact]
    public void Choose_WithoutALocalModel_TakesNothingOfIt()
    {
        var learner = new MatrixFactorization(new MatrixFactorizationOptions { Dims = 4 }, 10);
        var random = new SeededRandom(3);
        var hidden = HiddenItems.Draw(Of(10, [0, 1, 2, 3, 4]), ref random)!;
        using var still = new Interpolation(learner, steps: 0, rate: 1);

        Assert.Equal(0, still.Choose(learner.Prepare(learner.Initialize(1)), hidden, random));
    }

    [Fact]
    public void Personalize_WithAUselessLocalModel_IsTheSharedOne()
    {
        var learner = new MatrixFactorization(new MatrixFactorizationOptions { Dims = 4 }, 10);
        var shared = learner.Prepare(learner.Initialize(1));
        using var personalization = new Interpolation(learner, steps: 1, rate: 1e-30); // no float moves: all mixtures tie

        var own = personalization.Personalize(shared, Of(10, [0, 1, 2, 3, 4]), new SeededRandom(3));

        Assert.Same(shared, own);
    }
}
