using System.Threading.Channels;
using FedRec.Grains.Rounds;
using Microsoft.Extensions.Time.Testing;

namespace FedRec.Grains.Tests.Rounds;

/// <summary>A large cohort is asked in waves, each of which holds the next one up until it has answered, and for a while only.</summary>
public sealed class WavesTests
{
    private readonly NotedTimers _time = new();
    private readonly List<int> _asked = [];
    private readonly TaskCompletionSource _answers = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task AskAsync_WhereNobodyAnswers_AsksTheNextWaveAfterAWhile()
    {
        var asking = Waves.AskAsync(Enumerable.Range(0, 600), AskAsync, _time);

        await _time.NextAsync();
        _time.Advance(Waves.Longest - TimeSpan.FromMilliseconds(1));
        Assert.Equal(256, _asked.Count);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await _time.NextAsync(); // the next wave has been asked, and holds the last one up
        Assert.Equal(512, _asked.Count);
        _answers.SetResult();
        await asking;

        Assert.Equal(Enumerable.Range(0, 600), _asked);
    }

    [Fact]
    public async Task AskAsync_WhereNobodyAnswersTheLastWave_WaitsForIt()
    {
        var asking = Waves.AskAsync(Enumerable.Range(0, 300), AskAsync, _time);
        await _time.NextAsync();
        _time.Advance(Waves.Longest);

        Assert.False(asking.IsCompleted);
        _answers.SetResult();
        await asking;
        Assert.Equal(Enumerable.Range(0, 300), _asked);
    }

    [Fact]
    public async Task AskAsync_WhereAllAnswer_NeedsNoTime()
    {
        _answers.SetResult();

        await Waves.AskAsync(Enumerable.Range(0, 600), AskAsync, _time);

        Assert.Equal(Enumerable.Range(0, 600), _asked);
    }

    [Fact]
    public void AskAsync_UpToAWave_AsksAllAtOnce()
    {
        _ = Waves.AskAsync(Enumerable.Range(0, Waves.Size), AskAsync, _time);

        Assert.Equal(Waves.Size, _asked.Count);
    }

    private Task AskAsync(int one)
    {
        _asked.Add(one);
        return _answers.Task;
    }

    /// <summary>Tells when a timer was made: before that, time that passes does not count for it.</summary>
    private sealed class NotedTimers : FakeTimeProvider
    {
        private readonly Channel<ITimer> _made = Channel.CreateUnbounded<ITimer>();

        public async Task NextAsync() => await _made.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(4));

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _made.Writer.TryWrite(timer);
            return timer;
        }
    }
}
