using FedRec.Grains.Training;
using Microsoft.Extensions.Time.Testing;

namespace FedRec.Grains.Tests.Training;

/// <summary>Where scoring is done goes by how long it has taken, and changes nothing of it.</summary>
public sealed class ShortWorkTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly WorkerPool _pool = new("test", 1);
    private readonly ShortWork _work;

    public ShortWorkTests() => _work = new ShortWork(_time);

    public void Dispose() => _pool.Dispose();

    [Fact]
    public async Task RunAsync_OfShortWork_IsDoneByThePoolAtFirst_AndThenWhereItIsAskedFor()
    {
        Assert.NotEqual(Environment.CurrentManagedThreadId, await RunAsync(microseconds: 100));
        for (var i = 0; i < 40; i++)
        {
            await RunAsync(microseconds: 100);
        }

        Assert.True(_work.IsShort);
        Assert.Equal(Environment.CurrentManagedThreadId, await RunAsync(microseconds: 100));
    }

    [Fact]
    public async Task RunAsync_OfLongWork_IsDoneByThePool()
    {
        for (var i = 0; i < 40; i++)
        {
            Assert.NotEqual(Environment.CurrentManagedThreadId, await RunAsync(microseconds: 600));
        }
    }

    [Fact]
    public async Task RunAsync_OnceInterruptedForLong_StaysShort_AndGoesBackToThePoolWhenItStaysLong()
    {
        for (var i = 0; i < 40; i++)
        {
            await RunAsync(microseconds: 100);
        }

        await RunAsync(microseconds: 1_000_000);
        Assert.True(_work.IsShort);

        for (var i = 0; i < 40; i++)
        {
            await RunAsync(microseconds: 2_000);
        }

        Assert.False(_work.IsShort);
    }

    [Fact]
    public async Task RunAsync_ThatFails_FailsForWhoeverAsks()
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => _work.RunAsync<int>(_pool, () => throw new InvalidDataException()));
    }

    private async Task<int> RunAsync(int microseconds) => await _work.RunAsync(_pool, () =>
    {
        _time.Advance(TimeSpan.FromMicroseconds(microseconds));
        return Environment.CurrentManagedThreadId;
    });
}
