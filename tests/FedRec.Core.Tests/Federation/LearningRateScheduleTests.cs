using CsCheck;
using FedRec.Core.Federation;

namespace FedRec.Core.Tests.Federation;

public sealed class LearningRateScheduleTests
{
    private static readonly Gen<LearningRateSchedule> s_schedule =
        from name in Gen.Int[0, LearningRateSchedule.Names.Count - 1].Select(i => LearningRateSchedule.Names[i])
        from warmup in Gen.Int[0, 30]
        from decay in Gen.Double[0.01, 1]
        from every in Gen.Int[0, 30]
        from final in Gen.Double[0, 0.9]
        select new LearningRateSchedule { Name = name, WarmupRounds = warmup, Decay = decay, DecayEvery = every, FinalShare = final };

    [Fact]
    public void FactorAt_AnyRound_IsAboveZeroAndAtMostOne() =>
        Gen.Select(s_schedule, Gen.Int[1, 200], Gen.Int[1, 200]).Sample((schedule, round, rounds) =>
            Assert.InRange(schedule.FactorAt(Math.Min(round, rounds), rounds), double.Epsilon, 1));

    [Fact]
    public void FactorAt_AfterTheLastWarmupRound_NeverRises() =>
        Gen.Select(s_schedule, Gen.Int[2, 200]).Sample((schedule, rounds) =>
        {
            var after = Enumerable.Range(1, rounds).Where(round => round >= schedule.WarmupRounds && round > 0).Select(round => schedule.FactorAt(round, rounds)).ToList();

            Assert.Equal(after.OrderDescending(), after);
            Assert.Equal(1, after.FirstOrDefault(1), 12);
        });

    [Fact]
    public void FactorAt_Warmup_RisesInEqualSteps() =>
        Assert.Equal([0.25, 0.5, 0.75, 1, 1], Factors(new LearningRateSchedule { WarmupRounds = 4 }, 5));

    [Fact]
    public void FactorAt_Step_FollowsTheNumbersByHand() =>
        Assert.Equal([1, 1, 0.1, 0.1, 0.01], Factors(new LearningRateSchedule { Name = "step", Decay = 0.1, DecayEvery = 2 }, 5), Close);

    [Fact]
    public void FactorAt_StepWithoutALength_HasThreeOfThem() =>
        Assert.Equal([1, 1, 0.5, 0.5, 0.25], Factors(new LearningRateSchedule { Name = "step" }, 5), Close);

    [Fact]
    public void FactorAt_Exponential_MeetsStepWhereAStepBegins() =>
        Assert.Equal([1, Math.Sqrt(0.25), 0.25, Math.Sqrt(0.25) * 0.25], Factors(new LearningRateSchedule { Name = "exponential", Decay = 0.25, DecayEvery = 2 }, 4), Close);

    [Fact]
    public void FactorAt_Cosine_FollowsTheNumbersByHand() =>
        // After one round of warm-up: 0.2 + 0.4 · (1 + cos(0, 60, 120 degrees)).
        Assert.Equal([1, 1, 0.8, 0.4], Factors(new LearningRateSchedule { Name = "cosine", WarmupRounds = 1, FinalShare = 0.2 }, 4), Close);

    [Theory]
    [InlineData("linear", 0, 0.5, 0, 0, "one of constant, step, exponential, cosine")]
    [InlineData("step", -1, 0.5, 0, 0, "warm-up rounds")]
    [InlineData("step", 0, 0, 0, 0, "decay")]
    [InlineData("step", 0, double.NaN, 0, 0, "decay")]
    [InlineData("step", 0, 0.5, -1, 0, "decay-every")]
    [InlineData("cosine", 0, 0.5, 0, 1, "final share")]
    public void ThrowUnlessValid_OutsideTheRange_SaysWhatIsAllowed(string name, int warmup, double decay, int every, double final, string expected)
    {
        var schedule = new LearningRateSchedule { Name = name, WarmupRounds = warmup, Decay = decay, DecayEvery = every, FinalShare = final };

        var error = Assert.Throws<ArgumentException>(schedule.ThrowUnlessValid);

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ThrowUnlessValid_Default_IsFine() => new LearningRateSchedule().ThrowUnlessValid();

    private static IEnumerable<double> Factors(LearningRateSchedule schedule, int rounds) =>
        Enumerable.Range(1, rounds).Select(round => schedule.FactorAt(round, rounds));

    private static bool Close(double one, double other) => Math.Abs(one - other) < 1e-12;
}
