using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Core.Learners.MatrixFactorizations;
using FedRec.Core.Learners.Networks;
using FedRec.Core.Learners.NeuralCollaborativeFiltering;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Evaluation;

/// <summary>The permanent test against leaks: on data without structure no learner may beat chance, and a leak would show.</summary>
public sealed class LearnerNoiseTests
{
    // Few users to many parameters, where a leak is learnt by heart, and several data sets for small errors.
    private const int Users = 50;
    private const int Items = 100;
    private const int PerUser = 11; // 10 to train on, 1 to find among the others
    private const int Rounds = 60;
    private const int NetworkRounds = 40; // a network costs fifty times as much a round, and needs fewer: see the leaking one below
    private static readonly Dataset[] s_noise = [.. Enumerable.Range(1, 10).Select(seed => NoiseData.Create(Users, Items, PerUser, (ulong)seed, rated: true).ToDataset())];

    /// <summary>Every learner under every choice it offers, such as its objectives.</summary>
    public static TheoryData<string, string, string> Variants()
    {
        var variants = new TheoryData<string, string, string>();
        foreach (var learner in LearnerRegistry.All.Where(one => one.Name != "mlp")) // of labelled rows: see FeatureModelTests
        {
            variants.Add(learner.Name, "", "");
        }

        variants.Add("mf", "objective", "logistic");
        variants.Add("mf", "objective", "bpr");
        variants.Add("mf", "objective", "mse");
        variants.Add("ease", "lambda", "0");
        variants.Add("ncf", "recency", "0");
        variants.Add("ease", "sketch", "30");
        return variants;
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Learner_OnNoise_ScoresAtChance(string name, string option, string value)
    {
        var options = option.Length == 0 ? [] : new Dictionary<string, string> { [option] = value };

        var recommended = LearnerRegistry.Find(name).Recommended(options);
        var rounds = recommended.Step == StepRule.Sum ? recommended.Rounds : name is "ncf" or "two-tower" ? NetworkRounds : Rounds;

        var errors = ErrorsFromChance(data => LearnerRegistry.Create(name, options, FederationShape.Of(data, data.Users.Count)), recommended, rounds);

        Assert.InRange(errors, -4, 4);
    }

    [Theory]
    [InlineData("logistic")]
    [InlineData("bpr")]
    public void Learner_WhoseSamplerSparesTheTestItem_IsFarFromChance(string objective)
    {
        var options = new Dictionary<string, string> { ["objective"] = objective };
        MatrixFactorization Leaky(Dataset data) => new(MatrixFactorizationDescriptor.Parse(options), data.Items.Count)
        {
            CreateSampler = items => new NegativeSampler(items, user => data.Test.Items(user)),
        };

        var errors = ErrorsFromChance(Leaky, MatrixFactorizationDescriptor.Instance.Recommended(options), Rounds);

        Assert.True(errors > 8, $"The leak must show, but the hit rate is only {errors:F1} standard errors from chance."); // so the test above can fail
    }

    [Fact]
    public void Network_WhoseSamplerSparesTheTestItem_IsFarFromChance()
    {
        NeuralLearner Leaky(Dataset data) => new(new NeuralOptions { Recency = 0 }, data.Items.Count) // what training has learnt shows most where all own items speak
        {
            CreateSampler = items => new NegativeSampler(items, user => data.Test.Items(user)),
        };

        var errors = ErrorsFromChance(Leaky, LearnerRegistry.Find("ncf").Recommended(new Dictionary<string, string>()), NetworkRounds);

        Assert.True(errors > 8, $"The leak must show, but the hit rate is only {errors:F1} standard errors from chance.");
    }

    /// <summary>How far the mean hit rate is from chance, in standard errors.</summary>
    private static double ErrorsFromChance(Func<Dataset, ILearner> learner, LearnerDefaults defaults, int rounds)
    {
        var hitRate = s_noise.Average(data => LocalFederation.TrainAndEvaluate(learner(data), defaults, data, rounds, seed: 1).Metrics["hr@10"]);
        var chance = s_noise.Average(data => 10.0 / (data.Items.Count - PerUser + 1));
        return (hitRate - chance) / Math.Sqrt(chance * (1 - chance) / (Users * s_noise.Length));
    }
}
