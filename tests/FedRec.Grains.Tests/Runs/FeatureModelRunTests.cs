using System.Collections.Immutable;
using System.Globalization;
using FedRec.Contracts.Evaluations;
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
            var request = Request(folder.FullName);
            var (one, metrics) = await RunAsync(request, 1);
            var (two, _) = await RunAsync(request, 2);

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

    private static async Task<(RunStatus Status, EvaluationRecord Metrics)> RunAsync(RunRequest request, short silos)
    {
        await using var federation = await TestFederation.StartAsync(silos);
        var status = await federation.RunAsync(request);
        return (status, status.Evaluations[^1]);
    }

    private static RunRequest Request(string folder)
    {
        var (data, schema) = (Path.Combine(folder, "table.csv"), Path.Combine(folder, "schema.json"));
        File.WriteAllLines(data, Enumerable.Range(0, 400).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i * 37 % 400},{(i * 37 % 400 > 200 ? "yes" : "no")}")).Prepend("x,y"));
        File.WriteAllText(schema, Schema);
        return TestFederation.Request(rounds: 6) with
        {
            Data = new DataSpec { Path = data, Schema = schema, Parties = 4 },
            Learner = "mlp",
            LearnerOptions = ImmutableSortedDictionary<string, string>.Empty.Add("learning-rate", "0.2"),
            Rounds = new RoundSettings { Count = 6, CohortSize = 2 },
        };
    }
}
