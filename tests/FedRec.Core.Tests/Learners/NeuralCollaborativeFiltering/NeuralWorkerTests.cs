using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Learners.Networks;
using FedRec.Core.Learners.NeuralCollaborativeFiltering;
using FedRec.Core.Randomness;
using FedRec.Core.Tests.Native;
using FedRec.Core.Updates;
using static TorchSharp.torch;

namespace FedRec.Core.Tests.Learners.NeuralCollaborativeFiltering;

[Collection(nameof(TorchCollection))]
public sealed class NeuralWorkerTests
{
    private static readonly NeuralOptions s_options = NeuralToy.Options(NeuralModel.NeuMf) with
    {
        Negatives = 1,
        Dropout = 0.2,
        HistoryDropout = 0.3,
        Epochs = 2,
        Batch = 2,
        Optimizer = LocalOptimizer.Adam,
        LearningRate = 0.1,
    };

    [Theory]
    [InlineData(NeuralModel.Gmf)]
    [InlineData(NeuralModel.Mlp)]
    [InlineData(NeuralModel.NeuMf)]
    public void Train_TheSameArguments_GivesTheSameBitsOnAnyWorkerAndThread(NeuralModel model)
    {
        var learner = new NeuralLearner(s_options with { Model = model }, NeuralToy.Items);
        var parameters = NeuralToy.Parameters(learner);
        var client = NeuralToy.Client(NeuralToy.Users);
        using var used = learner.CreateWorker();
        NeuralToy.Train(learner, used, NeuralToy.Parameters(learner, 2), NeuralToy.Client(NeuralToy.Users[3]), 9); // leaves its scratch behind
        var expected = NeuralToy.Train(learner, used, parameters, client);

        var results = new (float[] Delta, LocalResult Result)[4];
        Parallel.For(0, results.Length, i =>
        {
            using var fresh = learner.CreateWorker();
            results[i] = NeuralToy.Train(learner, fresh, parameters, client);
        });

        Assert.All(results, result => Assert.Equal(Bits(expected.Delta), Bits(result.Delta)));
        Assert.All(results, result => Assert.Equal(expected.Result.Loss, result.Result.Loss));
    }

    [Fact]
    public void Train_ManyClients_LeavesNoTensorBehind()
    {
        var learner = new NeuralLearner(s_options, NeuralToy.Items);
        using var worker = learner.CreateWorker();
        var (scores, parts, counts) = (new float[NeuralToy.Items], new float[3], new List<long>());
        for (var client = 0; client < 60; client++)
        {
            var parameters = NeuralToy.Parameters(learner, (ulong)client); // a new version each time
            NeuralToy.Train(learner, worker, parameters, NeuralToy.Client(NeuralToy.Users));
            worker.Score(learner.Prepare(parameters), NeuralToy.Users[0], scores);
            worker.Explain(learner.Prepare(parameters), NeuralToy.Users[0], 1, parts);
            counts.Add(Tensor.TotalCount);
        }

        Assert.Single(counts.Distinct());
    }

    [Theory]
    [InlineData(LocalOptimizer.Sgd, NeuralLoss.Softmax)]
    [InlineData(LocalOptimizer.Adam, NeuralLoss.Logistic)]
    [InlineData(LocalOptimizer.AdamW, NeuralLoss.Softmax)]
    public async Task Train_WhileTheGarbageCollectorRuns_NeverFails(LocalOptimizer optimizer, NeuralLoss loss)
    {
        var learner = new NeuralLearner(s_options with { Optimizer = optimizer, Loss = loss, L2User = 0.1, L2Item = 0.1, L2Tower = 0.1, Proximal = 0.1 }, NeuralToy.Items);
        using var worker = learner.CreateWorker();
        using var stop = new CancellationTokenSource();
        var (parameters, client) = (NeuralToy.Parameters(learner), NeuralToy.Client(NeuralToy.Users));
        var collecting = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested) // frees at once whatever native object nothing refers to
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });

        var losses = Enumerable.Range(0, 200).Select(_ => NeuralToy.Train(learner, worker, parameters, client).Result.Loss).Distinct().ToList();
        await stop.CancelAsync();
        await collecting;

        Assert.Single(losses);
    }

    [Fact]
    public void Dispose_Worker_FreesItsCopyOfTheVersion()
    {
        var learner = new NeuralLearner(s_options, NeuralToy.Items);
        var before = Tensor.TotalCount;

        learner.CreateWorker().Dispose();

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Train_ManyUsers_SegmentsAreInTheLayoutAndNoneTwice()
    {
        var learner = new NeuralLearner(s_options, NeuralToy.Items);
        using var worker = learner.CreateWorker();
        var buffer = new UpdateBuffer();

        var result = worker.Train(learner.Prepare(learner.Initialize(1)), new(NeuralToy.Client(NeuralToy.Users), SeedSequence.For(1, 1, 1)), buffer);

        var values = Enumerable.Range(0, buffer.SegmentCount).SelectMany(s => Enumerable.Range(buffer.Offset(s), buffer.SegmentValues(s).Length)).ToList();
        Assert.Equal(values.Count, values.Distinct().Count());
        Assert.InRange(values.Max(), learner.Recipe(LearningPhase.Training).Update.Length - 1, learner.Recipe(LearningPhase.Training).Update.Length - 1);
        Assert.Equal(10, result.Examples); // each own item once
        Assert.True(double.IsFinite(result.Loss));
    }

    [Fact]
    public void Train_Logistic_CountsOwnItemsAndNegatives()
    {
        var learner = new NeuralLearner(s_options with { Loss = NeuralLoss.Logistic }, NeuralToy.Items);
        using var worker = learner.CreateWorker();

        var (_, result) = NeuralToy.Train(learner, worker, NeuralToy.Parameters(learner), NeuralToy.Client(NeuralToy.Users));

        Assert.Equal(20, result.Examples);
    }

    [Fact]
    public void Train_UserWithoutItems_ContributesNothing()
    {
        var learner = new NeuralLearner(s_options, NeuralToy.Items);
        using var worker = learner.CreateWorker();

        var (delta, result) = NeuralToy.Train(learner, worker, NeuralToy.Parameters(learner), NeuralToy.Client([]));

        Assert.Equal(new LocalResult(0, 0), result);
        Assert.All(delta, value => Assert.Equal(0, value));
    }

    [Theory]
    [InlineData(NeuralLoss.Softmax)]
    [InlineData(NeuralLoss.Logistic)]
    public void Train_UserWhoHasEveryItem_NeedsNoNegatives(NeuralLoss loss)
    {
        var learner = new NeuralLearner(s_options with { Loss = loss }, NeuralToy.Items);
        using var worker = learner.CreateWorker();

        var (delta, result) = NeuralToy.Train(learner, worker, NeuralToy.Parameters(learner), NeuralToy.Client([.. Enumerable.Range(0, NeuralToy.Items)]));

        Assert.Equal(NeuralToy.Items, result.Examples);
        Assert.All(delta, value => Assert.True(float.IsFinite(value)));
    }

    [Theory]
    [InlineData(NeuralModel.Gmf)]
    [InlineData(NeuralModel.NeuMf)]
    public void Explain_OwnItem_IsWhatTheScoreLosesWithoutIt(NeuralModel model)
    {
        var learner = new NeuralLearner(s_options with { Model = model }, NeuralToy.Items);
        var prepared = learner.Prepare(NeuralToy.Parameters(learner));
        using var worker = learner.CreateWorker();
        foreach (int[] history in new int[][] { [], [2], [0, 3, 6] })
        {
            var (all, without, parts) = (new float[NeuralToy.Items], new float[NeuralToy.Items], new float[history.Length]);
            worker.Score(prepared, history, all);

            worker.Explain(prepared, history, 5, parts);

            for (var i = 0; i < history.Length; i++)
            {
                worker.Score(prepared, history.Where(item => item != history[i]).ToArray(), without);
                Assert.Equal(all[5] - without[5], parts[i], 1e-5f);
            }
        }
    }

    [Theory]
    [InlineData("l2-item", "item_embeddings")]
    [InlineData("l2-tower", "start_embedding,gmf_output,layer1_user,layer1_item,layer1_bias,layer2_weights,layer2_bias,mlp_output")]
    [InlineData("l2-user", "history_embeddings,start_embedding")]
    public void Train_L2OfAGroup_MovesThatGroupOnly(string option, string expected)
    {
        var plain = NeuralToy.Options(NeuralModel.NeuMf);
        var penalised = option switch { "l2-item" => plain with { L2Item = 1 }, "l2-tower" => plain with { L2Tower = 1 }, _ => plain with { L2User = 1 } };
        var learner = new NeuralLearner(plain, NeuralToy.Items);
        var parameters = NeuralToy.Parameters(learner);

        var (without, with) = (Delta(plain), Delta(penalised));

        var moved = learner.Parameters.Blocks.Where((block, i) => !without.AsSpan(learner.Parameters.Offset(i), block.Length).SequenceEqual(with.AsSpan(learner.Parameters.Offset(i), block.Length)));
        Assert.Equal(expected.Split(','), moved.Select(block => block.Name));

        float[] Delta(NeuralOptions options)
        {
            var trained = new NeuralLearner(options, NeuralToy.Items);
            using var worker = trained.CreateWorker();
            return NeuralToy.Train(trained, worker, parameters, NeuralToy.Client(NeuralToy.Users)).Delta;
        }
    }

    private static int[] Bits(float[] values) => Array.ConvertAll(values, BitConverter.SingleToInt32Bits);
}
