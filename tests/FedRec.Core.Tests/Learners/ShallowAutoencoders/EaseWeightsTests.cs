using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Core.Learners.ShallowAutoencoders;
using FedRec.Core.Snapshots;

namespace FedRec.Core.Tests.Learners.ShallowAutoencoders;

/// <summary>The weights follow from the counts, and are kept beside them.</summary>
public sealed class EaseWeightsTests
{
    private const int Items = 300; // more than a tile
    private static readonly UserItems s_data = Counted.Random(40, Items, seed: 8);

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 4, 3)]
    [InlineData(9, 0, 3)]
    public async Task Take_WhatWasWorkedOutBefore_ScoresAndExplainsBitForBitAsBefore(int sketch, double kernel, double recency)
    {
        var learner = Learner(sketch, kernel, recency);
        var counts = Counted.Learn(learner, 1, Counted.Tasks(s_data, Items));
        var (solved, read) = (learner.Prepare(counts), learner.Prepare(counts));
        await solved.Derived!.DeriveAsync();

        read.Derived!.Take(Safetensors.Read(Safetensors.Write(solved.Derived.ToSnapshot())));

        Assert.True(read.Derived.IsReady);
        Assert.Equal(Answers(learner, solved), Answers(learner, read));
    }

    [Fact]
    public async Task ToSnapshot_OfAllPairs_IsTheInverseOfTheRegularisedCounts()
    {
        const double lambda = 3;
        var learner = Learner(0, 0, 0);
        var counts = Counted.Learn(learner, 1, Counted.Tasks(s_data, Items));
        var model = learner.Prepare(counts);
        await model.Derived!.DeriveAsync();

        var (inverse, gram) = (Square(model.Derived.ToSnapshot().Values.Span), Square(counts.Span));

        for (var row = 0; row < Items; row += 7)
        {
            for (var column = 0; column < Items; column += 11)
            {
                var product = Enumerable.Range(0, Items).Sum(k => (gram[row, k] + (row == k ? lambda : 0)) * inverse[k, column]);
                Assert.Equal(row == column ? 1 : 0, product, 1e-5);
            }
        }
    }

    [Theory]
    [InlineData(0, Items - 1)]
    [InlineData(9, Items - 1)]
    [InlineData(9, Items + 1)]
    public async Task Take_WeightsOfOtherItems_IsRefusedAndLeavesTheModelAsItWas(int sketch, int items)
    {
        var learner = Learner(sketch, 0, 0);
        var model = learner.Prepare(Counted.Learn(learner, 1, Counted.Tasks(s_data, Items)));
        var few = Counted.Random(20, Items - 1, seed: 9);
        var other = new Ease(new EaseOptions { Lambda = 3, Sketch = sketch }, new FederationShape(items));
        var foreign = other.Prepare(Counted.Learn(other, 1, Counted.Tasks(few, items))).Derived!;
        await foreign.DeriveAsync();

        Assert.Throws<InvalidDataException>(() => model.Derived!.Take(foreign.ToSnapshot()));

        Assert.False(model.Derived!.IsReady);
        Assert.Throws<InvalidOperationException>(() => model.Derived.ToSnapshot());
    }

    [Fact]
    public void Derived_OfCountsWithoutAnybody_IsNothing() => Assert.Null(Learner(0, 0, 0) is var learner ? learner.Prepare(learner.Initialize(1)).Derived : null);

    private static Ease Learner(int sketch, double kernel, double recency) =>
        new(new EaseOptions { Lambda = 3, Sketch = sketch, Kernel = kernel, Recency = recency }, new FederationShape(Items, 40) { Users = 40, HasTimes = true });

    private static float[] Answers(Ease learner, PreparedModel model)
    {
        using var worker = learner.CreateWorker();
        var (scores, parts) = (new float[Items], new float[s_data.Items(3).Length]);
        worker.Score(model, s_data.History(3), scores);
        worker.Explain(model, s_data.History(3), 5, parts);
        return [.. scores, .. parts];
    }

    private static double[,] Square(ReadOnlySpan<float> triangle)
    {
        var (square, next) = (new double[Items, Items], 0);
        for (var row = 0; row < Items; row++)
        {
            for (var column = row; column < Items; column++)
            {
                square[row, column] = square[column, row] = triangle[next++];
            }
        }

        return square;
    }
}
