using CsCheck;
using FedRec.Grains.Runs;
using Microsoft.Extensions.Time.Testing;

namespace FedRec.Grains.Tests.Runs;

public sealed class CheckpointPolicyTests
{
    /// <summary>Which of the first rounds are kept.</summary>
    [Theory]
    [InlineData(0, 2_000, 20, "1 2 3 4 5 6 7 8")] // a kill in round 34 repeats round 34
    [InlineData(0, 640, 20, "1 2 3 4 5 6 7 8")]
    [InlineData(0, 639, 20, "1 3 5 7")]
    [InlineData(0, 100, 10, "1 5")] // 320 ms of rounds for one keeping
    [InlineData(0, 2_000, 900, "1 4 7")] // not 32 times 900 ms, but 5 s
    [InlineData(3, 1, 1_000, "3 6")]
    [InlineData(3, 60_000, 1, "3 6")]
    public void IsDue_RoundsAndKeepingThatTakeSoLong_KeepsThese(int every, int roundMilliseconds, int keepMilliseconds, string kept)
    {
        var time = new FakeTimeProvider();
        var policy = new CheckpointPolicy(every, time);
        var rounds = new List<int>();
        for (var round = 1; round <= 8; round++)
        {
            time.Advance(TimeSpan.FromMilliseconds(roundMilliseconds));
            if (policy.IsDue(round))
            {
                rounds.Add(round);
                var started = time.GetTimestamp();
                time.Advance(TimeSpan.FromMilliseconds(keepMilliseconds));
                policy.Kept(started);
            }
        }

        Assert.Equal(kept, string.Join(' ', rounds));
    }

    /// <summary>What is lost in a crash is at most a round more than 32 keepings or 5 s, and keeping takes at most a thirty-third of the time.</summary>
    [Fact]
    public void IsDue_AnyTimes_BoundsWhatIsLostAndWhatItCosts() =>
        Gen.Select(Gen.Int[1, 3_000].Array[50, 200], Gen.Int[1, 100]).Sample((rounds, keeping) =>
        {
            var time = new FakeTimeProvider();
            var policy = new CheckpointPolicy(0, time);
            var (since, training, kept, most) = (0, 0L, 0L, Math.Min(5_000, CheckpointPolicy.Share * keeping));
            for (var round = 1; round <= rounds.Length; round++)
            {
                time.Advance(TimeSpan.FromMilliseconds(rounds[round - 1]));
                (since, training) = (since + rounds[round - 1], training + rounds[round - 1]);
                Assert.True(since < most + rounds[round - 1]);
                if (policy.IsDue(round))
                {
                    var started = time.GetTimestamp();
                    time.Advance(TimeSpan.FromMilliseconds(keeping));
                    policy.Kept(started);
                    (since, kept) = (0, kept + keeping);
                }
            }

            Assert.True(kept <= keeping + (Math.Max(1.0 / CheckpointPolicy.Share, keeping / 5_000.0) * training));
        });
}
