using FedRec.Core.Learners;
using FedRec.Core.Learners.Networks;
using FedRec.Core.Learners.NeuralCollaborativeFiltering;
using FedRec.Core.Tests.Learners.MatrixFactorizations;
using FedRec.Core.Tests.Native;

namespace FedRec.Core.Tests.Learners.NeuralCollaborativeFiltering;

[Collection(nameof(TorchCollection))]
public sealed class TrainingParityTests
{
    public static TheoryData<NeuralModel, NeuralLoss, LocalOptimizer> Cases()
    {
        var cases = new TheoryData<NeuralModel, NeuralLoss, LocalOptimizer>();
        foreach (var model in Enum.GetValues<NeuralModel>())
        {
            cases.Add(model, NeuralLoss.Softmax, LocalOptimizer.Sgd);
            cases.Add(model, NeuralLoss.Logistic, LocalOptimizer.Sgd);
        }

        cases.Add(NeuralModel.NeuMf, NeuralLoss.Logistic, LocalOptimizer.Adam);
        cases.Add(NeuralModel.NeuMf, NeuralLoss.Softmax, LocalOptimizer.AdamW);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Train_OneStepAndAnother_AreThoseWorkedOutByHand(NeuralModel model, NeuralLoss loss, LocalOptimizer optimizer)
    {
        foreach (var epochs in new[] { 1, 2 }) // the second step is the first with moments, and with a distance to what was received
        {
            var options = NeuralToy.Options(model) with
            {
                Loss = loss,
                Optimizer = optimizer,
                Epochs = epochs,
                LearningRate = 0.05,
                L2User = 0.1,
                L2Item = 0.2,
                L2Tower = 0.3,
                Proximal = 0.4,
            };
            var learner = new NeuralLearner(options, NeuralToy.Items);
            var parameters = NeuralToy.Parameters(learner);
            var expected = new HandTraining(options, NeuralToy.Items, parameters).Train(NeuralToy.Users);
            using var worker = learner.CreateWorker();

            var (delta, result) = NeuralToy.Train(learner, worker, parameters, NeuralToy.Client(NeuralToy.Users));

            Assert.Equal(expected.Loss, result.Loss, 1e-5);
            Assert.All(expected.Delta.Zip(delta), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        }
    }

    [Theory]
    [InlineData(NeuralModel.Gmf)]
    [InlineData(NeuralModel.Mlp)]
    [InlineData(NeuralModel.NeuMf)]
    public void Score_AnyHistory_IsThatWorkedOutByHand(NeuralModel model)
    {
        var options = NeuralToy.Options(model);
        var learner = new NeuralLearner(options, NeuralToy.Items);
        var parameters = NeuralToy.Parameters(learner);
        var hand = new HandNetwork(options, new NetworkShape(options, NeuralToy.Items), Array.ConvertAll(parameters, value => (double)value));
        using var worker = learner.CreateWorker();
        var scores = new float[NeuralToy.Items];
        foreach (int[] history in new int[][] { [], [3], [0, 4, 8] })
        {
            worker.Score(learner.Prepare(parameters), history, scores);

            var user = hand.User(history);
            Parity.AssertClose([.. Enumerable.Range(0, NeuralToy.Items).Select(item => hand.Score(user, item))], scores);
        }
    }
}
