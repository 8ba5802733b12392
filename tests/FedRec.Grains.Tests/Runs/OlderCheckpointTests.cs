using System.Collections.Immutable;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;
using FedRec.Grains.Tests.Golden;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Grains.Tests.Runs;

/// <summary>A run in flight goes on from the checkpoint that the release before stored, in which a number among the parameters said where the run stands.</summary>
public sealed class OlderCheckpointTests
{
    [Theory]
    [InlineData("ease", "", "none", 0)]
    [InlineData("two-tower", "dims=2 hidden-units=2", "none", 4)]
    [InlineData("mf", "dims=2 objective=logistic", "clusters", 6)]
    public async Task Run_FromACheckpointOfTheReleaseBefore_EndsWithTheSameModel(string learner, string options, string personalization, int rounds)
    {
        var (states, models) = (new SurvivingStorage(), new MemoryModelStore());
        var request = Request(learner, options, personalization, rounds);
        RunStatus expected;
        await using (var undisturbed = await TestFederation.StartAsync(1))
        {
            expected = await undisturbed.RunAsync(request, s_data);
        }

        await using (var lost = await TestFederation.StartAsync(1, states, models))
        {
            await lost.LoseInRoundThreeAsync(request, s_data);
        }

        var own = await states.Checkpoints.LoadAsync(states.Checkpoints.Keys.Single(key => key.Round == 2));
        var older = GoldenFile.Read($"CheckpointFile-{learner}", own.ToArray());
        await using var federation = await TestFederation.StartAsync(1, states, models, silo => silo.Services.AddSingleton<ICheckpointStore>(new OlderStore(states.Checkpoints, older)));
        var status = await federation.WaitAsync("test", "run-1");

        Assert.Equal((RunPhase.Completed, expected.Sha256), (status.Phase, status.Sha256));
    }

    private static readonly DataSpec s_data = new() { SyntheticUsers = 20, SyntheticItems = 10 };

    private static RunRequest Request(string learner, string options, string personalization, int rounds) => new()
    {
        Federation = "test",
        Learner = learner,
        LearnerOptions = options.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(option => option.Split('=')).ToImmutableSortedDictionary(option => option[0], option => option[1]),
        Rounds = new RoundSettings { Count = rounds },
        Personalization = personalization == "none" ? null : new PersonalizationSettings { Method = personalization },
    };

    /// <summary>Gives the older program's file for the second round.</summary>
    private sealed class OlderStore(ICheckpointStore inner, byte[] older) : ICheckpointStore
    {
        public Task<ReadOnlyMemory<byte>> LoadAsync(CheckpointKey key, CancellationToken cancellationToken = default) =>
            key.Round == 2 ? Task.FromResult<ReadOnlyMemory<byte>>(older) : inner.LoadAsync(key, cancellationToken);

        public Task SaveAsync(CheckpointKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) => inner.SaveAsync(key, content, cancellationToken);

        public Task DeleteAsync(CheckpointKey key, CancellationToken cancellationToken = default) => inner.DeleteAsync(key, cancellationToken);

        public Task DeleteAllAsync(string federation, string run, CancellationToken cancellationToken = default) => inner.DeleteAllAsync(federation, run, cancellationToken);
    }
}
