using System.Collections.Concurrent;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Rounds;
using FedRec.Core.Aggregation;
using FedRec.Grains.Rounds;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Grains.Tests.Rounds;

/// <summary>A silo sends its sums to a sink and does not know what is behind it: a region that puts the sums of all silos together gives the same model.</summary>
public sealed class UpdateSinkTests
{
    [Fact]
    public async Task Run_WithARegionBetweenSilosAndRound_GivesTheSameModel()
    {
        await using var direct = await TestFederation.StartAsync(2);
        var expected = await direct.RunAsync(TestFederation.Request(rounds: 2));
        var region = new Region(clients: 60);
        await using var cluster = await TestFederation.StartAsync(2, configure: silo => silo.Services.AddSingleton<IUpdateSink>(services =>
            new RegionalSink(region, ActivatorUtilities.CreateInstance<RoundSink>(services))));
        cluster.Gate.Before = call => call.ImplementationMethod.Name == nameof(IClientGrain.TrainAsync) && call.TargetId.Key.ToString() == "test/7"
            ? region.HeardOfAsync(((TrainOrder)call.Request.GetArgument(0)!).Round) // so that what the others send is not all
            : Task.CompletedTask;

        var status = await cluster.RunAsync(TestFederation.Request(rounds: 2));

        Assert.Equal(expected.Sha256, status.Sha256);
        Assert.All(status.Rounds, round => Assert.Equal((60, 0), (round.Participants, round.Dropped)));
        Assert.Equal(2, region.Forwarded);
        Assert.True(region.Received >= 4);
    }

    /// <summary>One silo's way to the region.</summary>
    private sealed class RegionalSink(Region region, IUpdateSink onwards) : IUpdateSink
    {
        public Task<UpdateReceipt?> SendAsync(string runKey, PartialSum sum) => region.AddAsync(runKey, sum, onwards);
    }

    /// <summary>Puts sums together until nobody is missing, and sends what they come to.</summary>
    private sealed class Region(int clients)
    {
        private readonly Lock _gate = new();
        private readonly List<PartialSum> _sums = [];
        private TaskCompletionSource<UpdateReceipt?> _counted = new(TaskCreationOptions.RunContinuationsAsynchronously);

        private readonly ConcurrentDictionary<int, TaskCompletionSource> _heard = [];

        public int Received { get; private set; }

        public int Forwarded { get; private set; }

        /// <summary>Done when a sum of a round has come.</summary>
        public Task HeardOfAsync(int round) => Heard(round).Task;

        public async Task<UpdateReceipt?> AddAsync(string runKey, PartialSum sum, IUpdateSink onwards)
        {
            Task<UpdateReceipt?> counted;
            (PartialSum Sum, TaskCompletionSource<UpdateReceipt?> Counted)? full = null;
            Heard(sum.Round).TrySetResult();
            lock (_gate)
            {
                Received++;
                _sums.Add(sum);
                counted = _counted.Task;
                if (_sums.Sum(one => one.Clients.Length) == clients)
                {
                    full = (Merge([.. _sums]), _counted);
                    Forwarded++;
                    _sums.Clear();
                    _counted = new(TaskCreationOptions.RunContinuationsAsynchronously);
                }
            }

            if (full is var (merged, outcome))
            {
                outcome.SetResult(await onwards.SendAsync(runKey, merged));
            }

            return await counted;
        }

        private TaskCompletionSource Heard(int round) => _heard.GetOrAdd(round, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

        private static PartialSum Merge(PartialSum[] sums)
        {
            var length = sums[0].Values.Length / sizeof(long);
            var total = MeanAggregator.Instance.Empty(length, new SumScale(sums[0].FractionBits, sums.Sum(sum => sum.Clients.Length)));
            foreach (var sum in sums)
            {
                total.Merge(RoundMessages.ToPartial(sum, MeanAggregator.Instance, length));
            }

            return RoundMessages.ToMessage(new("", sums[0].Round, sums[0].BaseVersion), total, [.. sums.SelectMany(sum => sum.Clients)], sums.Sum(sum => sum.BytesUp));
        }
    }
}
