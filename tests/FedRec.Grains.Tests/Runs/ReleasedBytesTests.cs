using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using FedRec.Contracts.Runs;

namespace FedRec.Grains.Tests.Runs;

/// <summary>A release makes the models that the release before it made, byte for byte: every learner and objective, personalisation and server optimizer.</summary>
/// <remarks>The hashes are those of x64 with AVX2, where vectors have eight values; other widths add floats up in another order. A hash changes
/// only with a defect that is mended on purpose, and the commit that changes it says which.</remarks>
public sealed class ReleasedBytesTests
{
    private const string Schema = """{"columns":[{"name":"x","kind":"numeric"},{"name":"y","kind":"label","task":"binary","values":["no","yes"]}]}""";

    [Theory]
    [InlineData("mf", "dims=4")]
    [InlineData("mf", "dims=4 objective=logistic")]
    [InlineData("mf", "dims=4 objective=bpr")]
    [InlineData("mf", "dims=4 objective=mse")]
    [InlineData("mf", "dims=4 objective=logistic proximal=0.1 batch=4 epochs=2")]
    [InlineData("mf", "dims=4 objective=bpr scaffold=on")]
    [InlineData("ncf", "dims=4 model=neumf")]
    [InlineData("ncf", "dims=4 model=gmf")]
    [InlineData("two-tower", "dims=4")]
    [InlineData("mlp", "hidden-units=4")]
    [InlineData("ease", "")]
    [InlineData("ease", "lambda=20")]
    [InlineData("ease", "lambda=20 kernel=3 recency=4")]
    [InlineData("ease", "sketch=16")]
    public async Task Run_OfEveryKind_MakesTheBytesOfTheReleaseBefore(string learner, string options)
    {
        await using var cluster = await TestFederation.StartAsync(1);
        var folder = Directory.CreateTempSubdirectory("fedrec-test-");
        try
        {
            var lines = new List<string>();
            foreach (var optimizer in new[] { "default", "sgd", "fedavgm", "adagrad", "adam", "yogi" })
            {
                foreach (var personalization in new[] { "none", "fine-tune", "additive", "interpolate", "clusters" })
                {
                    lines.Add($"{learner} {options}, {optimizer}, {personalization}: {await HashAsync(cluster, Request(learner, options, optimizer, personalization), learner == "mlp" ? Labelled(folder.FullName) : s_data)}");
                }
            }

            Assert.Equal(Released(learner, options, lines), lines);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> HashAsync(TestFederation cluster, RunRequest request, DataSpec data)
    {
        var receipt = await cluster.StartRunAsync(request, data);
        return receipt.Outcome == RunOutcome.Started ? (await cluster.WaitAsync(request.Federation, receipt.RunId)).Sha256[..16] : "refused";
    }

    private static readonly DataSpec s_data = new() { SyntheticUsers = 24, SyntheticItems = 30 };

    private static RunRequest Request(string learner, string options, string optimizer, string personalization) => new()
    {
        Federation = $"{optimizer}-{personalization}",
        Learner = learner,
        LearnerOptions = options.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(option => option.Split('=')).ToImmutableSortedDictionary(option => option[0], option => option[1]),
        Rounds = learner == "ease" ? new RoundSettings() : new RoundSettings { Count = 4, CohortSize = learner == "mlp" ? 3 : 20, Dropout = 0.05 },
        ServerOptimizer = new ServerOptimizerSettings { Name = optimizer },
        Personalization = personalization == "none" ? null : new PersonalizationSettings { Method = personalization },
        Seed = 3,
    };

    private static DataSpec Labelled(string folder)
    {
        var (rows, schema) = (Path.Combine(folder, "rows.csv"), Path.Combine(folder, "schema.json"));
        File.WriteAllLines(rows, ["x,y", .. Enumerable.Range(0, 60).Select(row => $"{(row * 37 % 60) - 30},{(row * 37 % 60 > 28 ? "yes" : "no")}")]);
        File.WriteAllText(schema, Schema);
        return new DataSpec { Path = rows, Schema = schema, Parties = 4 };
    }

    // Beside this file; those that are missing are written when FEDREC_WRITE_GOLDEN is 1.
    private static string[] Released(string learner, string options, List<string> actual, [CallerFilePath] string here = "")
    {
        var folder = Path.Combine(Path.GetDirectoryName(here)!, "ReleasedBytes");
        var file = Path.Combine(folder, $"{$"{learner} {options}".Trim().Replace(' ', '_')}.txt");
        if (!File.Exists(file) && Environment.GetEnvironmentVariable("FEDREC_WRITE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(folder);
            File.WriteAllLines(file, actual);
        }

        return File.ReadAllLines(file);
    }
}
