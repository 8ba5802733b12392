using FedRec.Contracts.Clients;
using System.Net;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Grains.Rounds;
using FedRec.Grains.Training;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans.Concurrency;

namespace FedRec.Grains.Tests.Rounds;

public sealed class CohortSilosTests
{
    private static readonly RoundOrder s_order = new()
    {
        RunKey = "test/run-1",
        Round = 1,
        BaseVersion = 0,
        Clients = 9,
        Seed = 1,
        Settings = new RoundSettings { Deadline = TimeSpan.FromMinutes(1) },
        UpdateLength = 1_000,
        ParameterBytes = 0,
        Durable = false,
    };

    [Fact]
    public async Task Flush_TwoOfThreeSilosAreSilent_EndsWithinOneBoundAndTellsWhichWereLost()
    {
        var time = new FakeTimeProvider();
        var (first, second, third) = (new Aggregator(isSilent: true), new Aggregator(isSilent: true), new Aggregator(isSilent: false));
        var all = new Dictionary<SiloAddress, Aggregator> { [Address(1)] = first, [Address(2)] = second, [Address(3)] = third };
        var silos = new CohortSilos(s_order, silo => all[silo], time, NullLogger.Instance);
        foreach (var silo in all.Keys)
        {
            silos.Add(silo);
        }

        var flushing = silos.FlushAsync(evenIfBusy: true);
        Assert.All(all.Values, silo => Assert.Equal(1, silo.Calls)); // side by side, before anyone has answered
        time.Advance(silos.Bound);
        await flushing;
        await silos.ForgetAsync();

        Assert.Equal([Address(1), Address(2)], silos.TakeLost().Order());
        Assert.Empty(silos.TakeLost());
        Assert.Equal([1, 1, 2], all.Values.Select(silo => silo.Calls)); // a lost silo is not asked again
    }

    private static SiloAddress Address(int port) => SiloAddress.New(IPAddress.Loopback, port, 1);

    private sealed class Aggregator(bool isSilent) : ILocalAggregator
    {
        public Task TrainAsync(TrainOrder order, ClientBatch batch) => throw new NotSupportedException();

        private readonly TaskCompletionSource<bool> _never = new();

        public int Calls { get; private set; }

        public Task<bool> FlushAsync(string runKey, int round, bool evenIfBusy)
        {
            Calls++;
            return isSilent ? _never.Task : Task.FromResult(true);
        }

        public Task ForgetAsync(string runKey, int round)
        {
            Calls++;
            return Task.CompletedTask;
        }

        public Task<bool> SecureAsync(SecureCall call) => throw new NotSupportedException();

        public Task<string?> FindMissingAsync(RunRequest request, RunSource source) => throw new NotSupportedException();

        public Task EvaluateAsync(EvaluateOrder order, ClientBatch batch) => throw new NotSupportedException();

        public Task<Immutable<byte[]>?> TakeEvaluationAsync(Guid evaluation) => throw new NotSupportedException();

        public Task ForgetEvaluationAsync(Guid evaluation) => throw new NotSupportedException();

        public Task<bool> PrepareAsync(string runKey, string requestHash) => throw new NotSupportedException();

        public Task ReleaseAsync(string runKey) => throw new NotSupportedException();
    }
}
