using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Core.Learners.ShallowAutoencoders;
using FedRec.Core.Learners.Transfers;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Learners.ShallowAutoencoders;

public sealed class StatisticsTests
{
    [Fact]
    public void Index_AllPairs_FillTheTriangleInOrder()
    {
        const int items = 9;
        var places = from low in Enumerable.Range(0, items) from high in Enumerable.Range(low, items - low) select BlockMeaning.PairIndex(low, high, items);

        Assert.Equal(Enumerable.Range(0, items * (items + 1) / 2), places);
    }

    [Fact]
    public void Index_LargestCatalogue_DoesNotOverflow() => Assert.Equal(200_009_999, BlockMeaning.PairIndex(19_999, 19_999, 20_000));

    [Fact]
    public void Learn_SketchAsWideAsTheCatalogue_IsExact()
    {
        const int items = 25;
        var data = Counted.Random(80, items, seed: 3);
        var (exact, sketched) = (Scores(data, items, 0), Scores(data, items, items));

        Assert.All(exact.Zip(sketched), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Fact]
    public void Learn_WiderSketch_IsCloserToExact()
    {
        const int items = 80;
        var data = SyntheticCatalogue.Create(new SyntheticOptions { Users = 400, Items = items }).ToDataset().Train; // tastes, hence structure to sketch
        var exact = Scores(data, items, 0);
        double Error(int sketch) => exact.Zip(Scores(data, items, sketch), (a, b) => (double)(a - b) * (a - b)).Sum();

        double[] errors = [.. new[] { 5, 20, 40, 60, 75 }.Select(Error)];

        Assert.Equal(errors.OrderDescending(), errors);
        Assert.InRange(errors[^1], 0, errors[0] / 20);
    }

    private static float[] Scores(UserItems data, int items, int sketch)
    {
        var learner = new Ease(new EaseOptions { Lambda = 200, Sketch = sketch }, new FederationShape(items));
        var model = learner.Prepare(Counted.Learn(learner, 1, Counted.Tasks(data, items)));
        using var worker = learner.CreateWorker();
        var (all, scores) = (new List<float>(), new float[items]);
        for (var user = 0; user < 10; user++)
        {
            worker.Score(model, data.Items(user), scores);
            all.AddRange(scores);
        }

        return [.. all];
    }
}
