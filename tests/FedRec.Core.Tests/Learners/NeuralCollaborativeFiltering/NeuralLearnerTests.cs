using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Learners.Networks;
using FedRec.Core.Learners.NeuralCollaborativeFiltering;
using FedRec.Core.Randomness;
using FedRec.Core.Tests.Native;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Learners.NeuralCollaborativeFiltering;

[Collection(nameof(TorchCollection))]
public sealed class NeuralLearnerTests
{
    private static readonly ParameterBlock[] s_tower =
        [new("layer1_user", 4, 3), new("layer1_item", 4, 3), new("layer1_bias", 1, 4), new("layer2_weights", 2, 4), new("layer2_bias", 1, 2), new("mlp_output", 1, 2)];

    public static TheoryData<NeuralModel, ParameterBlock[]> Layouts() => new()
    {
        { NeuralModel.Gmf, [new("item_embeddings", 9, 4), new("history_embeddings", 9, 3), new("start_embedding", 1, 3), new("gmf_output", 1, 3)] },
        { NeuralModel.Mlp, [new("item_embeddings", 9, 4), new("history_embeddings", 9, 3), new("start_embedding", 1, 3), .. s_tower] },
        { NeuralModel.NeuMf, [new("item_embeddings", 9, 7), new("history_embeddings", 9, 6), new("start_embedding", 1, 6), new("gmf_output", 1, 3), .. s_tower] },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Parameters_OfEachModel_AreThoseBlocks(NeuralModel model, ParameterBlock[] expected)
    {
        var learner = new NeuralLearner(NeuralToy.Options(model), NeuralToy.Items);

        Assert.Equal(expected, learner.Parameters.Blocks);
        Assert.Equal(learner.Parameters.Blocks.Select(block => new UpdateBlock(block.Name, block.Rows, block.Columns, BlockRole.Delta)), learner.Recipe(LearningPhase.Training).Update.Blocks);
    }

    [Fact]
    public void Initialize_Seed_DecidesAllValuesAndNoItemIsAhead()
    {
        var learner = new NeuralLearner(NeuralToy.Options(NeuralModel.NeuMf), NeuralToy.Items);

        var (first, again, other) = (learner.Initialize(1), learner.Initialize(1), learner.Initialize(2));

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.All(Enumerable.Range(0, NeuralToy.Items), item => Assert.Equal(0, first[(item * 7) + 6])); // biases
    }

    [Fact]
    public void Prepare_ParametersOfAnotherShape_AreRefused()
    {
        var learner = new NeuralLearner(NeuralToy.Options(NeuralModel.Gmf), NeuralToy.Items);

        var error = Assert.Throws<ArgumentException>(() => learner.Prepare(new float[5]));

        Assert.StartsWith("5 values are not the", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(NeuralModel.Gmf, NeuralLoss.Softmax)]
    [InlineData(NeuralModel.Gmf, NeuralLoss.Logistic)]
    [InlineData(NeuralModel.Mlp, NeuralLoss.Logistic)]
    [InlineData(NeuralModel.NeuMf, NeuralLoss.Softmax)]
    public void Rounds_UsersOfTwoTastes_RankTheirOwnForAnUnseenUser(NeuralModel model, NeuralLoss loss)
    {
        const int Items = 20;
        var options = new NeuralOptions { Model = model, Loss = loss, Dims = 8, Width = 8, Negatives = 2 };
        var learner = new NeuralLearner(options, Items);
        using var worker = learner.CreateWorker();
        var users = Enumerable.Range(0, 24).Select(Tastes).ToArray();
        var state = ServerState.Initial(learner.Initialize(1));
        var optimizer = new AdamOptimizer(0.05);
        for (var round = 1; round <= 40; round++)
        {
            state = optimizer.Apply(state, Round(learner, worker, state, users, round));
        }

        var scores = new float[Items];
        worker.Score(learner.Prepare(state.Parameters), new[] { 0, 2 }, scores); // even items; this user was not trained on
        Assert.True(Enumerable.Range(2, 8).Average(i => scores[2 * i]) > Enumerable.Range(0, 10).Average(i => scores[(2 * i) + 1]) + 0.5);

        static int[] Tastes(int user) // five even or five odd items
        {
            var random = SeedSequence.For(5, 1, user);
            var own = Enumerable.Range(0, Items / 2).Select(i => (2 * i) + (user % 2)).ToArray();
            random.Shuffle<int>(own);
            return [.. own[..5].Order()];
        }
    }

    [Fact]
    public void Create_UsersWhoHaveMetEveryItem_SaysWhyItCannot()
    {
        var error = Assert.Throws<ArgumentException>(() => LearnerRegistry.Create("ncf", new Dictionary<string, string>(), new FederationShape(3, HasNegatives: false)));

        Assert.Contains("every user has met every item", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_TextDefaults_AreThoseOfTheOptionsClass()
    {
        foreach (var optimizer in new[] { "sgd", "adam" })
        {
            var implicitly = NeuralDescriptor.Parse(new Dictionary<string, string> { ["optimizer"] = optimizer });
            var values = NeuralDescriptor.Instance.Options.ToDictionary(option => option.Name, option => Default(option, optimizer));

            var explicitly = NeuralDescriptor.Parse(values);

            Assert.Equal(implicitly with { LearningRate = implicitly.StepSize }, explicitly);
        }
    }

    [Theory]
    [InlineData("layer-dropout", "1", "The option layer-dropout is '1'; it must be 0 to 0.95.")]
    [InlineData("model", "transformer", "The option model is 'transformer'; it must be gmf or mlp or neumf.")]
    [InlineData("layers", "0", "The option layers is '0'; it must be 1 to 8.")]
    public void Create_ImpossibleOption_SaysWhatIsAllowed(string option, string value, string expected)
    {
        var error = Assert.Throws<ArgumentException>(() => LearnerRegistry.Create("ncf", new Dictionary<string, string> { [option] = value }, new FederationShape(3)));

        Assert.Equal(expected, error.Message);
    }

    private static string Default(LearnerOption option, string optimizer) => option.Name switch
    {
        "optimizer" => optimizer,
        "learning-rate" => optimizer == "sgd" ? "10" : "0.01",
        _ => option.Default,
    };

    private static float[] Round(NeuralLearner learner, ILearnerWorker worker, ServerState state, int[][] users, int round)
    {
        var (model, buffer, sum) = (learner.Prepare(state.Parameters), new UpdateBuffer(), new FixedPointSum(learner.Recipe(LearningPhase.Training).Update.Length));
        var weighting = ClientWeighting.Parse("uniform", 0);
        for (var user = 0; user < users.Length; user++)
        {
            buffer.Clear();
            var data = new ClientData(new UserItems([0, users[user].Length], users[user]), new[] { 0 }, 20);
            var result = worker.Train(model, new(data, SeedSequence.For(1, round, user)), buffer);
            Assert.True(sum.TryAdd(buffer, weighting.WeightOf(result), result.Loss, result.Examples));
        }

        var delta = new float[state.Parameters.Length];
        learner.Conclude(state, sum, delta);
        return delta;
    }
}
