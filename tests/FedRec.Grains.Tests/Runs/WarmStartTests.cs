using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;

namespace FedRec.Grains.Tests.Runs;

public class WarmStartTests
{
    [Fact]
    public async Task Run_WarmStarted_BeginsAtTheVersionAndIsItsChild()
    {
        var models = new MemoryModelStore();
        await using var federation = await TestFederation.StartAsync(2, models: models);
        var first = await federation.RunAsync(TestFederation.Request(rounds: 3));
        var request = TestFederation.Request(rounds: 1) with { Seed = 5, WarmStart = first.Version, ServerOptimizer = new() { Name = "sgd", LearningRate = 1e-9 } };

        var second = await federation.RunAsync(request);
        var third = await federation.RunAsync(request);

        var manifest = await federation.Grains.GetGrain<IModelGrain>("test").GetManifestAsync(second.Version);
        Assert.Equal((RunPhase.Completed, first.Version), (second.Phase, manifest!.Parent));
        var (before, after) = (await LoadAsync(models, first), await LoadAsync(models, second));
        Assert.All(before.Zip(after), pair => Assert.Equal(pair.First, pair.Second, 1e-6f)); // a step that is next to nothing
        Assert.Equal(second.Sha256, third.Sha256);
    }

    [Theory]
    [InlineData(9, "8", "has no such model version")]
    [InlineData(1, "4", "item_factors is 50 × 4, but 50 × 8 in the other version; use the learner options of that version")]
    [InlineData(-1, "8", "warm-start is -1; it must be a model version, or 0")]
    public async Task StartRun_VersionThatDoesNotFit_IsRefusedBeforeAnythingIsTrained(long version, string dims, string expected)
    {
        await using var federation = await TestFederation.StartAsync(1);
        await federation.RunAsync(TestFederation.Request(rounds: 1));
        var request = TestFederation.Request(rounds: 1);

        var receipt = await federation.StartRunAsync(request with { WarmStart = version, LearnerOptions = request.LearnerOptions.SetItem("dims", dims) });

        Assert.Equal(RunOutcome.Invalid, receipt.Outcome);
        Assert.Contains(expected, receipt.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("objective", "mse", "the data has no ratings")]
    [InlineData("scaffold", "on", "hold only for plain averaging, but the server optimizer is adam")]
    public async Task StartRun_OptionsThatCannotWork_AreRefusedBeforeAnythingIsTrained(string option, string value, string expected)
    {
        var file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.csv");
        File.WriteAllText(file, "user,item\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"u{i % 8},i{i % 7}\n")));
        await using var federation = await TestFederation.StartAsync(1);
        var request = TestFederation.Request() with { ServerOptimizer = new() { Name = "adam" } };
        request = request with { LearnerOptions = request.LearnerOptions.SetItem("objective", "logistic").SetItem(option, value) };

        var receipt = await federation.StartRunAsync(request, new DataSpec { Path = file });

        File.Delete(file);
        Assert.Equal(RunOutcome.Invalid, receipt.Outcome);
        Assert.Contains(expected, receipt.Message, StringComparison.Ordinal);
    }

    private static async Task<float[]> LoadAsync(MemoryModelStore models, RunStatus status) =>
        Safetensors.Read(await models.LoadContentAsync("test", "tensors.safetensors", status.Version, status.Sha256)).Values.ToArray();
}
