using FedRec.Core.Data;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Core.Learners;
using FedRec.Core.Tests.Evaluation;

namespace FedRec.Core.Tests.Learners.ShallowAutoencoders;

public sealed class EaseRealDataTests
{
    [RealDataFact("ml-100k/u.data")]
    public void Learn_MovieLens100K_IsAsGoodAsPooledTraining()
    {
        var data = DatasetSource.Open(new DatasetOptions { Path = RealData.Path("ml-100k") });
        var quality = Train(data, ("lambda", "500"));

        // λ = 500 on the pooled data, as measured with an independent implementation.
        Assert.Equal(0.1453, quality.Metrics["hr@10"], 5e-4);
        Assert.Equal(0.0737, quality.Metrics["ndcg@10"], 5e-4);
    }

    [RealDataFact("ml-100k/u.data")]
    public void Learn_MovieLens100KWithKernelAndRecency_IsAsGoodAsAnIndependentImplementation()
    {
        var data = DatasetSource.Open(new DatasetOptions { Path = RealData.Path("ml-100k") });

        var quality = Train(data, ("lambda", "100"), ("kernel", "20"), ("recency", "10"));

        Assert.Equal(0.1167, quality.Metrics["ndcg@10"], 5e-4);
    }

    [RealDataFact("ml-100k/u.data")]
    public void Learn_MovieLens100KByDefault_UsersFindThatTheOrderMatters()
    {
        var data = DatasetSource.Open(new DatasetOptions { Path = RealData.Path("ml-100k") });

        var quality = Train(data);

        Assert.InRange(quality.Metrics["hr@10"], 0.205, 1);
        Assert.InRange(quality.Metrics["ndcg@10"], 0.110, 1);
    }

    private static EvaluationSummary Train(Dataset data, params (string Name, string Value)[] given)
    {
        var (options, ease) = (given.ToDictionary(option => option.Name, option => option.Value), LearnerRegistry.Find("ease"));
        var defaults = ease.Recommended(options);
        return LocalFederation.TrainAndEvaluate(ease.Create(options, FederationShape.Of(data, data.Users.Count)), defaults, data, defaults.Rounds, seed: 1);
    }
}
