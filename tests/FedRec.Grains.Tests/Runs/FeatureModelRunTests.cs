using System.Collections.Immutable;
using System.Globalization;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;

namespace FedRec.Grains.Tests.Runs;

/// <summary><c>mlp</c> through the grains: preparation, training, evaluation, on one silo and on two.</summary>
public sealed class FeatureModelRunTests
{
    private const string Schema = """{"columns":[{"name":"x","kind":"numeric"},{"name":"y","kind":"label","task":"binary","values":["no","yes"]}]}""";

    [Fact]
    public async Task Run_LabelledRows_LearnsThemEquallyOnAnyNumberOfSilos()
    {
        var folder = Directory.CreateTempSubdirectory("fedrec-test-");
        try
        {
            var (request, data) = (s_request, Data(folder.FullName));
            var (one, metrics) = await RunAsync(request, data, 1);
            var (two, _) = await RunAsync(request, data, 2);

            Assert.Equal((RunPhase.Completed, 6), (one.Phase, one.RoundsDone));
            Assert.Equal(one.Sha256, two.Sha256);
            Assert.True(metrics.Metrics["auc"] > 0.95, $"AUC is {metrics.Metrics["auc"]}");
            Assert.Equal(4, one.Rounds[0].Participants); // preparation asks all, whatever the cohort
            Assert.Equal(2, one.Rounds[1].Participants);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Run_WithALossAsTarget_IsNotEndedByTheRoundOfStatistics()
    {
        var folder = Directory.CreateTempSubdirectory("fedrec-test-");
        try
        {
            var (status, _) = await RunAsync(s_request with { TargetMetric = "loss", TargetValue = 0.6 }, Data(folder.FullName), 1);

            Assert.Null(status.Rounds[0].Loss);
            Assert.True(status.RoundsDone > 1, $"ended after {status.RoundsDone}: {status.Reason}");
            Assert.All(status.Rounds.Skip(1), round => Assert.True(round.Loss > 0));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Recommend_ARowWithoutALabel_GivesTheFeatureThatSpeaksForTheClass()
    {
        var folder = Directory.CreateTempSubdirectory("fedrec-test-");
        try
        {
            await using var federation = await TestFederation.StartAsync(1);
            await federation.RunAsync(s_request, Data(folder.FullName));
            var recommender = federation.Grains.GetGrain<IRecommenderGrain>("test");

            foreach (var row in await recommender.FindUsersAsync("", 400))
            {
                var answer = await recommender.RecommendAsync(new RecommendationQuery(row, 2, Explain: true, 0));
                if (answer.Items.Length == 2) // both classes: the row is held out
                {
                    var reason = Assert.Single(answer.Items[0].Reasons);
                    Assert.StartsWith("x = ", reason.Title, StringComparison.Ordinal);
                    Assert.Equal(1, reason.Share, 1e-6f); // of what speaks for the class it is all
                    Assert.Empty(answer.Items[1].Reasons); // what speaks for one of two classes speaks against the other
                    return;
                }
            }

            Assert.Fail("no row is held out");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<(RunStatus Status, EvaluationRecord Metrics)> RunAsync(RunRequest request, DataSpec data, short silos)
    {
        await using var federation = await TestFederation.StartAsync(silos);
        var status = await federation.RunAsync(request, data);
        return (status, status.Evaluations[^1]);
    }

    private static DataSpec Data(string folder)
    {
        var (data, schema) = (Path.Combine(folder, "table.csv"), Path.Combine(folder, "schema.json"));
        File.WriteAllLines(data, Enumerable.Range(0, 400).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i * 37 % 400},{(i * 37 % 400 > 200 ? "yes" : "no")}")).Prepend("x,y"));
        File.WriteAllText(schema, Schema);
        return new DataSpec { Path = data, Schema = schema, Parties = 4 };
    }

    private static readonly RunRequest s_request = TestFederation.Request(rounds: 6) with
    {
        Learner = "mlp",
        LearnerOptions = ImmutableSortedDictionary<string, string>.Empty.Add("learning-rate", "0.2"),
        Rounds = new RoundSettings { Count = 6, CohortSize = 2 },
    };
}
