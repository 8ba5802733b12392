using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;

namespace FedRec.Grains.Tests.Runs;

/// <summary>Runs that begin with a version of another federation.</summary>
public class ForeignStartTests
{
    private static readonly ServerOptimizerSettings s_still = new() { Name = "sgd", LearningRate = 1e-9 };

    [Fact]
    public async Task Run_BegunElsewhere_HasTheRowsOfSharedItemsAndItsOwnForTheOthers()
    {
        var models = new MemoryModelStore();
        await using var federation = await TestFederation.StartAsync(2, models: models);
        var source = await federation.RunAsync(Public(), s_public);
        var fresh = await federation.RunAsync(Private() with { Federation = "fresh", Seed = 9 }, s_private);

        var tuned = await federation.RunAsync(From("public", Private()) with { Seed = 9 }, s_private);

        var (before, untouched, after) = (await LoadAsync(models, "public", source), await LoadAsync(models, "fresh", fresh), await LoadAsync(models, "test", tuned));
        Assert.Equal((50 * 8, 60 * 8), (before.Length, after.Length)); // the private catalogue has ten items more
        var carried = after.Chunk(8).Select(row => before.Chunk(8).Any(other => AreNear(row, other))).ToArray(); // items stand in another order there
        Assert.Equal(50, carried.Count(found => found));
        Assert.All(Enumerable.Range(0, 60).Where(item => !carried[item]), item => Assert.True(AreNear(untouched.AsSpan(item * 8, 8), after.AsSpan(item * 8, 8))));
        Assert.Contains("begins with version 1 of public: 50 of 60 items found there", await TextAsync(federation, "test"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_BegunElsewhereOnTheSameCatalogue_IsTheModelOfAPlainWarmStart()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var first = await federation.RunAsync(Public(), s_public);

        var here = await federation.RunAsync(Public(2) with { WarmStart = first.Version });
        var elsewhere = await federation.RunAsync(Public(2) with { Federation = "test", WarmStart = first.Version, WarmStartFrom = new() { Federation = "public" } }, s_public);

        Assert.Equal(here.Sha256, elsewhere.Sha256);
    }

    [Theory]
    [InlineData("mf")]
    [InlineData("two-tower")]
    public async Task Run_BegunElsewhere_GivesTheSameModelOnOneAndOnThreeSilosAndAfterARestart(string learner)
    {
        var (states, models) = (new SurvivingStorage(), new MemoryModelStore());
        var hashes = new List<string>();
        await using (var one = await TestFederation.StartAsync(1, states, models))
        {
            await one.RunAsync(Public() with { Learner = learner }, s_public);
            hashes.Add((await one.RunAsync(From("public", Private(2)) with { Learner = learner }, s_private)).Sha256);
        }

        await using (var again = await TestFederation.StartAsync(3, states, models))
        {
            hashes.Add((await again.RunAsync(From("public", Private(2)) with { Learner = learner, Federation = "again" }, s_private)).Sha256);
        }

        Assert.NotEqual("", hashes[0]);
        Assert.Equal(hashes[0], hashes[1]);
    }

    [Theory]
    [InlineData("nobody", 0, "mf", "id", "no model version in use; train it first")]
    [InlineData("public", 9, "mf", "id", "federation public has no such model version")]
    [InlineData("public", 0, "ncf", "id", "one of the learner mf, but this run trains ncf")]
    [InlineData("public", 0, "ease", "id", "it must be left out for ease")]
    [InlineData("public", 0, "mf", "colour", "warm-start-match is colour; it must be id or title")]
    [InlineData("test", 0, "mf", "id", "the run's own federation")]
    public async Task StartRun_StartThatCannotBe_IsRefusedBeforeAnythingIsTrained(string from, long version, string learner, string match, string expected)
    {
        await using var federation = await TestFederation.StartAsync(1);
        await federation.RunAsync(Public(1), s_public);

        var receipt = await StartAsync(federation, Private() with { Learner = learner, LearnerOptions = System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty, Rounds = new(), ServerOptimizer = new(), WarmStart = version, WarmStartFrom = new() { Federation = from, Match = match } });

        Assert.Equal(RunOutcome.Invalid, receipt.Outcome);
        Assert.Contains(expected, receipt.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartRun_CataloguesWithNothingInCommonOrSourceDataGone_SaysSo()
    {
        var (states, models, file) = (new SurvivingStorage(), new MemoryModelStore(), Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.csv"));
        File.WriteAllText(file, "user,item\n" + string.Concat(Enumerable.Range(0, 80).Select(i => $"u{i % 8},other-{(i * 5) % 11}\n")));
        RunReceipt apart;
        await using (var federation = await TestFederation.StartAsync(1, states, models))
        {
            await federation.RunAsync(Public(1), new DataSpec { Path = file });
            apart = await StartAsync(federation, From("public", Private()));
        }

        File.Delete(file);
        await using var restarted = await TestFederation.StartAsync(1, states, models);
        var gone = await StartAsync(restarted, From("public", Private()));

        Assert.Contains("None of the 60 items of this catalogue is in the other one", apart.Message, StringComparison.Ordinal);
        Assert.Contains("cannot be told without the data of its run run-1", gone.Message, StringComparison.Ordinal);
        Assert.Equal((RunOutcome.Invalid, RunOutcome.Invalid), (apart.Outcome, gone.Outcome));
    }

    private static bool AreNear(ReadOnlySpan<float> row, ReadOnlySpan<float> other) => System.Numerics.Tensors.TensorPrimitives.Distance(row, other) < 1e-5;

    private static readonly DataSpec s_public = new() { SyntheticUsers = 60, SyntheticItems = 50, Parties = 1 };
    private static readonly DataSpec s_private = new() { SyntheticUsers = 40, SyntheticItems = 60, SyntheticSeed = 2 };

    private static RunRequest Public(int rounds = 3) => TestFederation.Request("public", rounds);

    private static RunRequest Private(int rounds = 1)
    {
        var request = TestFederation.Request(rounds: rounds);
        return rounds == 1 ? request with { ServerOptimizer = s_still } : request;
    }

    private static RunRequest From(string federation, RunRequest request) => request with { WarmStartFrom = new() { Federation = federation } };

    private static Task<RunReceipt> StartAsync(TestFederation federation, RunRequest request) =>
        federation.StartRunAsync(request, s_private);

    private static async Task<string> TextAsync(TestFederation federation, string name) =>
        string.Join('\n', (await federation.Grains.GetGrain<IRunGrain>($"{name}/run-1").ReadEventsAsync(0, TimeSpan.FromSeconds(1))).Events.Select(one => one.Text));

    private static async Task<float[]> LoadAsync(MemoryModelStore models, string federation, RunStatus status) =>
        Safetensors.Read(await models.LoadContentAsync(federation, "tensors.safetensors", status.Version, status.Sha256)).Values.ToArray();
}
