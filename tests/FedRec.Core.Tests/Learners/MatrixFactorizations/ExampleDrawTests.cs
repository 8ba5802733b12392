using FedRec.Core.Data;
using FedRec.Core.Learners.MatrixFactorizations;
using FedRec.Core.Randomness;

namespace FedRec.Core.Tests.Learners.MatrixFactorizations;

public sealed class ExampleDrawTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(20)] // more than there are
    public void Draw_Pairs_DealsDistinctUnseenItemsEvenly(int negatives)
    {
        var options = Toy.Options(MatrixFactorizationObjective.Pairwise) with { Negatives = negatives };
        var (draw, random) = (new ExampleDraw(options, new NegativeSampler(Toy.Items)), SeedSequence.For(1, 1, 1));

        for (var user = Toy.Users - 1; user >= 0; user--)
        {
            var own = Toy.Train.Items(user).ToArray();
            var examples = draw.Draw(Toy.Client(user), 0, ref random).ToArray();

            var groups = Groups(examples);
            var others = groups.SelectMany(g => g.Value).ToArray();
            Assert.Equal(own.Order(), groups.Keys.Order());
            Assert.Equal(Math.Min(negatives * own.Length, Toy.Items - own.Length), others.Distinct().Count());
            Assert.Equal(others.Length, others.Distinct().Count());
            Assert.Empty(others.Intersect(own));
            Assert.InRange(groups.Values.Max(g => g.Count) - groups.Values.Min(g => g.Count), 0, 1);
        }
    }

    [Fact]
    public void Draw_PairsWithFewerNegativesThanOwnItems_LeavesOwnItemsOut()
    {
        var train = new UserItems([0, 4], [0, 1, 2, 3]);
        var (draw, random) = (new ExampleDraw(Toy.Options(MatrixFactorizationObjective.Pairwise), new NegativeSampler(6)), SeedSequence.For(1, 1, 1));

        var groups = Groups(draw.Draw(new ClientData(train, new[] { 0 }, 6), 0, ref random).ToArray());

        Assert.Equal([1, 1], groups.Values.Select(g => g.Count));
        Assert.Equal([4, 5], groups.Values.SelectMany(g => g).Order());
    }

    private static Dictionary<int, List<int>> Groups(int[] examples)
    {
        var groups = new Dictionary<int, List<int>>();
        var own = -1;
        foreach (var example in examples)
        {
            if ((example & 1) == 1)
            {
                own = example >> 1;
                groups.Add(own, []);
            }
            else
            {
                groups[own].Add(example >> 1);
            }
        }

        return groups;
    }
}
