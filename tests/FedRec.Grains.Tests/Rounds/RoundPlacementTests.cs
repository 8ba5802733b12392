using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;

namespace FedRec.Grains.Tests.Rounds;

/// <summary>A round lives with its run, so that what a silo has summed crosses to another silo once, and what a round has summed crosses none.</summary>
public sealed class RoundPlacementTests
{
    [Fact]
    public async Task Rounds_OfARun_AreOnTheSiloOfTheRun()
    {
        await using var cluster = await TestFederation.StartAsync(3);

        foreach (var federation in new[] { "test", "other", "third", "fourth" })
        {
            await cluster.RunAsync(TestFederation.Request(federation, rounds: 3));
            var run = await cluster.SiloOfAsync(cluster.Grains.GetGrain<IRunGrain>($"{federation}/run-1"));

            for (var round = 1; round <= 3; round++)
            {
                Assert.Equal(run, await cluster.SiloOfAsync(cluster.Grains.GetGrain<IRoundGrain>($"{federation}/run-1/{round}")));
            }
        }
    }
}
