using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Core.Learners;
using FedRec.Core.Personalization;
using FedRec.Core.Randomness;
using FedRec.Core.Tests.Evaluation;
using FedRec.Core.Tests.Native;

namespace FedRec.Core.Tests.Personalization.Clusters;

/// <summary>Two camps with opposite tastes become two clusters, and their models serve them better than the shared one.</summary>
[Collection(nameof(TorchCollection))]
public sealed class ClusterRecoveryTests
{
    private static readonly Dataset s_data = TwoCamps.Create(users: 160, seed: 1);

    [Theory]
    [InlineData("mf", "dims=4", 60, 1)]
    [InlineData("mf", "dims=4", 60, 2)]
    [InlineData("mf", "dims=4", 60, 3)]
    [InlineData("mf", "dims=4,objective=logistic", 60, 1)]
    [InlineData("ncf", "dims=4,model=gmf", 40, 1)]
    public void Clusters_OfTwoCamps_AreTheCampsAndServeThemBetter(string name, string text, int rounds, ulong seed)
    {
        var options = text.Split(',').ToDictionary(part => part.Split('=')[0], part => part.Split('=')[1]);
        var defaults = LearnerRegistry.Find(name).Recommended(options);
        var personal = new PersonalizationOptions { Method = PersonalizationMethod.Clusters };
        var learner = Personalizations.Around(LearnerRegistry.Create(name, options, FederationShape.Of(s_data, 160)), personal, rounds);
        var version = learner.Prepare(LocalFederation.Train(learner, defaults, s_data, rounds, seed));
        using var choice = Personalizations.Create(personal, learner)!;
        var partition = ClientPartition.PerUser(s_data);
        var own = Enumerable.Range(0, partition.Count)
            .Select(client => choice.Personalize(version, partition.Client(client), SeedSequence.For(seed, "personal", client))).ToArray();

        var together = own.Where((model, user) => ReferenceEquals(model, own[0]) == (user % 2 == 0)).Count();
        var (shared, clustered) = (Evaluate(learner, _ => version), Evaluate(learner, user => own[user]));

        Assert.Equal(160, together);
        Assert.True(clustered > shared + 0.02, $"NDCG@10 is {clustered} by clusters and {shared} shared");
    }

    private static double Evaluate(ILearner learner, Func<int, PreparedModel> modelOf)
    {
        using var worker = learner.CreateWorker();
        var scorer = new OwnScorer(worker, modelOf);
        return RankingEvaluator.EvaluateAll(() => scorer, EvaluationSplit.Test(s_data), [10], threads: 1).Metrics["ndcg@10"];
    }

    private sealed class OwnScorer(ILearnerWorker worker, Func<int, PreparedModel> modelOf) : IScorer
    {
        public void Score(int user, UserHistory history, Span<float> scores) => worker.Score(modelOf(user), history, scores);
    }
}
