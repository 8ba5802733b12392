using FedRec.Cli.Serving;

namespace FedRec.Integration.Tests.Cli.Serving;

/// <summary>When requests are sent and from when they are timed, in fake time.</summary>
public sealed class LoadGeneratorTests
{
    private readonly FakeClock _clock = new();

    [Fact]
    public void AtRate_WhileTheServerStandsStill_TimesWhatWasDueMeanwhileFromWhenItWasDue()
    {
        // Due at 0, 100, … 900 ms; an answer takes 10 ms, but the third one 450 ms.
        var lines = LoadGenerator.AtRate(_clock, rate: 10, count: 10, [Lane(i => i == 2 ? 450 : 10)]);

        Assert.Equal([0, 100, 200, 300, 400, 500, 600, 700, 800, 900], lines.Select(line => Milliseconds(line.Due)));
        Assert.Equal([0, 100, 200, 650, 660, 670, 680, 700, 800, 900], lines.Select(line => Milliseconds(line.Sent)));
        Assert.Equal([10, 10, 450, 360, 270, 180, 90, 10, 10, 10], lines.Select(line => Milliseconds(line.Arrived - line.Due)));
    }

    [Fact]
    public void AtRate_OverTwoLanes_SendsEachRequestOnce()
    {
        var sent = new int[1_000];

        var lines = LoadGenerator.AtRate(new LoadClock(), rate: 1e9, count: sent.Length, [.. Enumerable.Repeat<Func<int, Reply>>(i => new(200, Interlocked.Increment(ref sent[i])), 2)]);

        Assert.All(sent, times => Assert.Equal(1, times));
        Assert.All(lines, line => Assert.True(line.Due <= line.Sent && line.Sent <= line.Arrived && line.Reply.Version == 1));
    }

    [Fact]
    public void Sustained_SendsTheNextWhenTheLastIsThere_AndNoneAfterTheEnd()
    {
        var lines = LoadGenerator.Sustained(_clock, TimeSpan.FromMilliseconds(100), [Lane(i => 30)]);

        Assert.Equal([0, 30, 60, 90], lines.Select(line => Milliseconds(line.Sent)));
        Assert.Equal(4 / 0.12, LoadSummary.Of(lines).PerSecond, 1e-9);
    }

    [Fact]
    public void Summary_CountsWhatFailed_AndTimesWhatDidNot()
    {
        var lines = LoadGenerator.AtRate(_clock, rate: 10, count: 4, [i => Answer(i, i is 1 ? 0 : i is 2 ? 503 : 204, 5 + i)]);

        var summary = LoadSummary.Of(lines);

        Assert.Equal((4, 2, 2), (summary.Requests, summary.Failed, summary.Times.Count));
        Assert.Equal((8, 0), (Milliseconds(summary.Times.Percentile(1)!.Value), Milliseconds(summary.LateToSend!.Value)));
    }

    [Fact]
    public void AtRate_WhenALaneThrows_Throws() =>
        Assert.Throws<InvalidOperationException>(() => LoadGenerator.AtRate(_clock, 10, 3, [_ => throw new NotSupportedException()]));

    [Fact]
    public void LoadClock_WaitsUntilTheMoment_AndNotBefore()
    {
        var clock = new LoadClock();
        foreach (var microseconds in new[] { 0, 30, 700, 2_500 })
        {
            var moment = clock.Now + TimeSpan.FromMicroseconds(microseconds);
            clock.WaitUntil(moment);
            Assert.True(clock.Now >= moment);
        }
    }

    [Fact]
    public void UntilServed_IsTheLastAnswerOfTheVersionBefore_BetweenTwoPromotions()
    {
        LoadLine[] lines = [Line(1, 90), Line(1, 110), Line(2, 130), Line(1, 145), Line(2, 160), Line(1, 310)];

        Assert.Equal(45, Milliseconds(ServeBench.UntilServed(lines, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(300), old: 1)));
        Assert.Equal(0, Milliseconds(ServeBench.UntilServed(lines, TimeSpan.FromMilliseconds(300), TimeSpan.MaxValue, old: 2)));
    }

    private static LoadLine Line(long version, int arrived) => new(default, default, new Reply(200, version), TimeSpan.FromMilliseconds(arrived));

    private Func<int, Reply> Lane(Func<int, int> milliseconds) => i => Answer(i, 200, milliseconds(i));

    private Reply Answer(int request, int status, int milliseconds)
    {
        _clock.Now += TimeSpan.FromMilliseconds(milliseconds);
        return new Reply(status, request);
    }

    private static int Milliseconds(TimeSpan time) => (int)Math.Round(time.TotalMilliseconds);

    /// <summary>Passes only while somebody waits, or as a lane says.</summary>
    private sealed class FakeClock : ILoadClock
    {
        public TimeSpan Now { get; set; }

        public void WaitUntil(TimeSpan moment) => Now = moment > Now ? moment : Now;
    }
}
