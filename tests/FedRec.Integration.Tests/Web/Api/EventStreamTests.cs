using System.Net;
using FedRec.Contracts.Runs;
using FedRec.Integration.Tests.Web.Doubles;

namespace FedRec.Integration.Tests.Web.Api;

public sealed class EventStreamTests : IAsyncLifetime
{
    private readonly FakeCluster _cluster = new();
    private WebHost _host = null!;

    public async Task InitializeAsync() => _host = await WebHost.StartAsync(_cluster, o => o.Heartbeat = TimeSpan.FromMilliseconds(20));

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Stream_TellsWhatHappensAsItHappens_AndEndsWithTheRun()
    {
        var run = _cluster.Add("movies").AddRun("run-1");
        run.Start();
        using var stream = await EventStream.OpenAsync(_host, "/api/v1/runs/run-1/events");

        var first = await stream.NextAsync();
        run.Close(Scenes.Open(1, "Committed", 90) with { Loss = 0.25 });
        var second = await stream.NextAsync();
        run.End(RunPhase.Completed, "all rounds done");
        var third = await stream.NextAsync();

        Assert.Equal(("1", "run.started"), (first!.Id, first.Event));
        Assert.Equal(("2", "round.done"), (second!.Id, second.Event));
        Assert.Equal(0.25, second.Json.GetProperty("record").GetProperty("loss").GetDouble());
        Assert.Equal("Round 1 done: 90 of 100 took part, loss 0.2500, 0 ms.", second.Json.GetProperty("text").GetString());
        Assert.Equal("run.done", third!.Event);
        Assert.Null(await stream.NextAsync());
    }

    [Fact]
    public async Task Stream_IsMarkedAsEventStream_NotKeptAndNotBuffered()
    {
        _cluster.Add("movies").AddRun("run-1").Start();

        using var stream = await EventStream.OpenAsync(_host, "/api/v1/runs/run-1/events");

        Assert.Equal("text/event-stream", stream.Response.Content.Headers.ContentType?.MediaType);
        Assert.True(stream.Response.Headers.CacheControl?.NoCache);
        Assert.Equal("no", Assert.Single(stream.Response.Headers.GetValues("X-Accel-Buffering")));
    }

    [Theory]
    [InlineData("/api/v1/runs/run-1/events", "2")]
    [InlineData("/api/v1/runs/run-1/events?after=2", null)]
    [InlineData("/api/v1/runs/run-1/events?after=0", "2")] // a browser repeats its old query: the header is newer
    [InlineData("/api/v1/events?run=run-1", "2")]
    [InlineData("/api/v1/events", "2")]
    public async Task Stream_Resumed_GoesOnAfterTheLastEventSeen(string address, string? lastEventId)
    {
        var run = _cluster.Add("movies").AddRun("run-1");
        run.Start();
        run.PublishVersion(1);
        run.PublishVersion(2);

        using var stream = await EventStream.OpenAsync(_host, address, lastEventId);

        var next = await stream.NextAsync();
        Assert.Equal("3", next!.Id);
        Assert.Equal(2, next.Json.GetProperty("version").GetInt64());
    }

    [Fact]
    public async Task Stream_OfARunThatHasEnded_TellsTheRestAndThenThatNothingComes()
    {
        var run = _cluster.Add("movies").AddRun("run-1");
        run.Start();
        run.End(RunPhase.Stopped, "somebody asked");

        using var rest = await EventStream.OpenAsync(_host, "/api/v1/runs/run-1/events", "1");
        using var nothing = await EventStream.OpenAsync(_host, "/api/v1/runs/run-1/events", "2");

        Assert.Equal("run.done", (await rest.NextAsync())!.Event);
        Assert.Null(await rest.NextAsync());
        Assert.Equal(HttpStatusCode.NoContent, nothing.Response.StatusCode);
    }

    [Fact]
    public async Task Stream_WhileNothingHappens_SendsComments()
    {
        var run = _cluster.Add("movies").AddRun("run-1");
        run.Start();
        using var stream = await EventStream.OpenAsync(_host, "/api/v1/runs/run-1/events", "1");

        Assert.True(await stream.SkipCommentsAsync(3));

        run.PublishVersion(1);
        Assert.Equal("model", (await stream.NextAsync())!.Event);
        Assert.Contains(run.Reads, r => r == (1, TimeSpan.FromMilliseconds(20)));
    }

    [Theory]
    [InlineData("/api/v1/runs/run-1/events", "soon")]
    [InlineData("/api/v1/runs/run-1/events?after=-1", null)]
    public async Task Stream_PlaceThatIsNoNumberOfAnEvent_IsRefused(string address, string? lastEventId)
    {
        _cluster.Add("movies").AddRun("run-1").Start();

        using var stream = await EventStream.OpenAsync(_host, address, lastEventId);

        Assert.Equal(HttpStatusCode.BadRequest, stream.Response.StatusCode);
    }

    [Fact]
    public async Task Stream_WhenTheHostStops_EndsAtOnce()
    {
        _cluster.Add("movies").AddRun("run-1").Start();
        var host = await WebHost.StartAsync(_cluster, o => o.Heartbeat = TimeSpan.FromSeconds(20));
        using var stream = await EventStream.OpenAsync(host, "/api/v1/runs/run-1/events");
        await stream.NextAsync();

        var stopping = host.DisposeAsync().AsTask();

        Assert.Null(await stream.NextAsync());
        await stopping.WaitAsync(TimeSpan.FromSeconds(10));
    }
}
