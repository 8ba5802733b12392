using FedRec.Storage.GrainStates;
using Orleans.Storage;
using Orleans.TestingHost;

namespace FedRec.Integration.Tests.Storage;

/// <summary>The storage as a grain meets it.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class GrainStateClusterTests(AzuriteFixture azurite)
{
    private readonly string _container = $"cluster-{Guid.NewGuid():N}";
    private readonly string _key = Guid.NewGuid().ToString("N");

    [Fact]
    public async Task WriteState_ThenANewCluster_StillHasIt()
    {
        await using (var first = await StartAsync())
        {
            await first.Client.GetGrain<ICounterGrain>(_key).IncrementAsync();
        }

        await using var second = await StartAsync();

        Assert.Equal(2, await second.Client.GetGrain<ICounterGrain>(_key).IncrementAsync());
    }

    [Fact]
    public async Task WriteState_AnotherActivationWrote_FailsAndTheNextCallReadsAgain()
    {
        await using var cluster = await StartAsync();
        await using var other = await StartAsync();
        var grain = cluster.Client.GetGrain<ICounterGrain>(_key);
        await grain.IncrementAsync();
        await other.Client.GetGrain<ICounterGrain>(_key).IncrementAsync();

        var thrown = await Record.ExceptionAsync(grain.IncrementAsync);

        Assert.IsType<InconsistentStateException>(thrown);
        Assert.Equal(3, await grain.IncrementAsync());
    }

    private async Task<InProcessTestCluster> StartAsync()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) => silo.AddGrainStates(CounterGrain.StorageName, () => azurite.Client(), _container));
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }
}

/// <summary>A grain of the tests.</summary>
[Alias("fedrec.tests.counter")]
public interface ICounterGrain : IGrainWithStringKey
{
    [Alias("increment")]
    Task<int> IncrementAsync();
}

[GenerateSerializer, Alias("fedrec.tests.counter-state")]
public sealed class CounterState
{
    [Id(0)]
    public int Count { get; set; }
}

public sealed class CounterGrain([PersistentState("counter", CounterGrain.StorageName)] IPersistentState<CounterState> saved) : Grain, ICounterGrain
{
    internal const string StorageName = "blobs";

    public async Task<int> IncrementAsync()
    {
        saved.State.Count++;
        await saved.WriteStateAsync();
        return saved.State.Count;
    }
}
