
namespace FedRec.Grains.Tests;

public class RecentlyUsedTests
{
    private readonly List<string> _dropped = [];

    [Fact]
    public void Put_BeyondTheCapacity_DropsWhatWasAskedForLongestAgo()
    {
        var cache = new RecentlyUsed<int, string>(3, _dropped.Add);
        cache.Put(1, "one");
        cache.Put(2, "two");
        cache.Put(3, "three");
        cache.TryGet(1, out _);

        cache.Put(4, "four");
        cache.TryGet(1, out _);
        cache.Put(5, "five");

        Assert.Equal(["two", "three"], _dropped);
        Assert.True(cache.TryGet(1, out var one));
        Assert.Equal("one", one);
    }

    [Fact]
    public void Put_OfManyOthers_LeavesWhatIsPinned()
    {
        var cache = new RecentlyUsed<int, string>(2, _dropped.Add);
        cache.Pin("serving", 1);
        cache.Put(1, "one");

        foreach (var number in Enumerable.Range(2, 20))
        {
            cache.Put(number, $"{number}");
        }

        Assert.True(cache.TryGet(1, out _));
        Assert.True(cache.TryGet(21, out _));
        Assert.Equal(19, _dropped.Count);
    }

    [Fact]
    public void Pin_OfAnotherValueByTheSameHolder_LetsTheFirstGo()
    {
        var cache = new RecentlyUsed<int, string>(1, _dropped.Add);
        cache.Pin("serving", 1);
        cache.Put(1, "one");
        cache.Pin("serving", 2);

        cache.Put(2, "two");

        Assert.Equal(["one"], _dropped);
    }

    [Fact]
    public async Task GetOrLoad_AfterAFailure_LoadsAgain()
    {
        var cache = new RecentlyUsed<int, string>(2);

        await Assert.ThrowsAsync<IOException>(() => cache.GetOrLoad(1, _ => Task.FromException<string>(new IOException())));

        Assert.Equal("one", await cache.GetOrLoad(1, _ => Task.FromResult("one")));
    }

    [Fact]
    public async Task GetOrLoad_ByManyAtOnce_LoadsOnce()
    {
        var cache = new RecentlyUsed<int, string>(2);
        var (loads, release) = (0, new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));
        Task<string> LoadAsync(int key)
        {
            Interlocked.Increment(ref loads);
            return release.Task;
        }

        var asked = Enumerable.Range(0, 10).Select(_ => cache.GetOrLoad(1, LoadAsync)).ToArray();
        release.SetResult("one");

        Assert.All(await Task.WhenAll(asked), value => Assert.Equal("one", value));
        Assert.Equal(1, loads);
    }
}
