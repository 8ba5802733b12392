using FedRec.Contracts.Federations;
using FedRec.Grains.Parties;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orleans.TestingHost;

namespace FedRec.Grains.Tests.Parties;

/// <summary>A silo asks for a federation's labels once for all whom it places, again when they are old or have changed, and does with old ones while nobody answers.</summary>
public sealed class PartyLabelsTests
{
    private readonly FakeTimeProvider _time = new();
    private int _asked;
    private bool _fails;

    [Fact]
    public async Task Of_ManyParties_AsksOnce_AndAgainWhenItIsOldOrChanged()
    {
        await using var federation = await StartAsync();
        var labels = Labels(federation);

        Assert.All(await Task.WhenAll(Enumerable.Range(0, 1_000).Select(client => labels.OfAsync("own", $"{client}").AsTask())), Assert.Null);
        await SetAsync(federation, "org-1", "region=eu");
        Assert.Null(await labels.OfAsync("own", "org-1")); // it has not heard of it
        Assert.Equal(1, _asked);
        labels.Forget("own");
        Assert.Equal(("region=eu", "region=eu", null), (await labels.OfAsync("own", "org-1"), await labels.OfAsync("own", "0"), await labels.OfAsync("own", "1")));
        Assert.Equal(2, _asked);
        await SetAsync(federation, "org-1", null);
        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Equal("region=eu", await labels.OfAsync("own", "org-1"));
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Null(await labels.OfAsync("own", "org-1"));
        Assert.Equal(3, _asked);
    }

    [Fact]
    public async Task Of_AParty_WhileTheRegistryDoesNotAnswer_IsWhatWasKnown_ButNotAfterAChange()
    {
        await using var federation = await StartAsync();
        var labels = Labels(federation);
        await SetAsync(federation, "org-1", "region=eu");
        Assert.Equal("region=eu", await labels.OfAsync("own", "org-1"));

        _fails = true;
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("region=eu", await labels.OfAsync("own", "org-1"));
        labels.Forget("own");
        await Assert.ThrowsAsync<OrleansException>(() => labels.OfAsync("own", "org-1").AsTask());
        await Assert.ThrowsAsync<OrleansException>(() => labels.OfAsync("other", "org-1").AsTask());
        _fails = false;

        Assert.Equal("region=eu", await labels.OfAsync("own", "org-1")); // a failure is not remembered
    }

    /// <summary>A silo that hangs may have the registry: whoever is placed elsewhere waits a second in all, and not each as long as a call may take.</summary>
    [Fact]
    public async Task Of_AParty_WhileTheRegistryHangs_IsWhatWasKnown_AfterASecond()
    {
        await using var federation = await StartAsync();
        var labels = Labels(federation);
        await SetAsync(federation, "org-1", "region=eu");
        Assert.Equal("region=eu", await labels.OfAsync("own", "org-1"));
        var (reached, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        federation.Gate.Before = call =>
        {
            if (call.MethodName != nameof(IRegistryGrain.GetLabelsAsync))
            {
                return Task.CompletedTask;
            }

            reached.TrySetResult();
            return answer.Task;
        };
        _time.Advance(TimeSpan.FromMinutes(1));

        var asked = labels.OfAsync("own", "org-1").AsTask();
        await reached.Task;
        Assert.False(asked.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("region=eu", await asked);
        var next = labels.OfAsync("own", "org-1").AsTask();
        Assert.True(next.IsCompletedSuccessfully); // it does not wait
        answer.SetResult();
    }

    [Theory]
    [InlineData("", 0, null)]
    [InlineData("region=eu", 1, null)]
    [InlineData(" region=eu , owner=north-1.a ", 2, null)]
    [InlineData("region", 0, "'region' is no label")]
    [InlineData("region=", 0, "'region=' is no label")]
    [InlineData("=eu", 0, "'=eu' is no label")]
    [InlineData("region=eu=us", 0, "'region=eu=us' is no label")]
    [InlineData("region=e u", 0, "'region=e u' is no label")]
    [InlineData("region=eu,region=us", 1, "'region=us' names a label that is there already")]
    public void TryParse_OfWhatIsConfigured_SaysWhatIsWrong(string text, int labels, string? wrong)
    {
        var said = SiloLabels.TryParse(text, out var parsed);

        Assert.StartsWith(wrong ?? "", said ?? "", StringComparison.Ordinal);
        Assert.Equal((wrong is null, labels), (said is null, parsed.Count));
    }

    private static Task SetAsync(TestFederation federation, string client, string? label) => federation.Grains.GetGrain<IRegistryGrain>("own").SetLabelAsync(client, label);

    private async Task<TestFederation> StartAsync()
    {
        var federation = await TestFederation.StartAsync(1);
        federation.Gate.Before = call =>
        {
            if (call.MethodName != nameof(IRegistryGrain.GetLabelsAsync))
            {
                return Task.CompletedTask;
            }

            Interlocked.Increment(ref _asked);
            return _fails ? Task.FromException(new OrleansException("The store is out.")) : Task.CompletedTask;
        };
        return federation;
    }

    private PartyLabels Labels(TestFederation federation) =>
        new(federation.Grains, ((InProcessSiloHandle)federation.Cluster.Silos[0]).ServiceProvider.GetRequiredService<SiloLabels>(), _time);
}
