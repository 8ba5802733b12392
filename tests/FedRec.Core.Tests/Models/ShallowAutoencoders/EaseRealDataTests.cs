using FedRec.Core.Data;
using FedRec.Core.Models;
using FedRec.Core.Tests.Evaluation;

namespace FedRec.Core.Tests.Models.ShallowAutoencoders;

public sealed class EaseRealDataTests
{
    [RealDataFact("ml-100k/u.data")]
    public void Learn_MovieLens100K_IsAsGoodAsPooledTraining()
    {
        var data = DatasetSource.Open(new DatasetOptions { Path = RealData.Path("ml-100k") });
        var (options, ease) = (new Dictionary<string, string>(), LearnerRegistry.Find("ease"));

        var quality = LocalFederation.TrainAndEvaluate(ease.Create(options, FederationShape.Of(data, data.Users.Count)), ease.Recommended(options), data, 1, seed: 1);

        // λ = 500 on the pooled data, as measured with an independent implementation.
        Assert.Equal(0.1453, quality.Metrics["hr@10"], 5e-4);
        Assert.Equal(0.0737, quality.Metrics["ndcg@10"], 5e-4);
    }
}
