using FedRec.Contracts.Runs;
using FedRec.Grains.Runs;
using Microsoft.Extensions.Time.Testing;

namespace FedRec.Grains.Tests.Runs;

public sealed class RunEventLogTests
{
    [Theory]
    [InlineData(0, 0, 1, 0)]
    [InlineData(10, 0, 1, 10)]
    [InlineData(10, 7, 8, 3)]
    [InlineData(2_000, 0, 1, 2_000)]
    [InlineData(2_001, 0, 2, 2_000)] // the first is gone
    [InlineData(4_999, 100, 3_000, 2_000)]
    [InlineData(4_999, 4_998, 4_999, 1)]
    [InlineData(10, 4_711, 1, 10)] // a watcher from before a restart
    public async Task ReadAsync_AfterSomeEvents_GivesThoseAfterTheOneAskedFor(int added, long after, long first, int count)
    {
        var log = new RunEventLog(new FakeTimeProvider());
        for (var round = 1; round <= added; round++)
        {
            log.Add(new RunEvent { Kind = "round.done", Round = round });
        }

        var events = await log.ReadAsync(after, TimeSpan.Zero, ended: true, CancellationToken.None);

        Assert.Equal(Enumerable.Range(0, count).Select(next => first + next), events.Select(one => one.Id));
        Assert.All(events, one => Assert.Equal(one.Id, one.Round));
    }

    [Fact]
    public async Task ReadAsync_WhileNothingHappens_WaitsForTheNext()
    {
        var log = new RunEventLog(new FakeTimeProvider());
        var reading = log.ReadAsync(0, TimeSpan.FromHours(1), ended: false, CancellationToken.None);
        Assert.False(reading.IsCompleted);

        log.Add(new RunEvent { Kind = "run.started" });

        Assert.Equal("run.started", Assert.Single(await reading).Kind);
    }
}
