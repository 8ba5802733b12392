using FedRec.Core.Federation;

namespace FedRec.Core.Tests.Federation;

/// <summary>Asynchronous training in virtual time: what holds of every round, whoever drops out or is slow.</summary>
public sealed class BufferedScheduleTests
{
    private const int Rounds = 60;

    public static TheoryData<int, int, int, double, double, int> Kinds { get; } = new()
    {
        { 500, 40, 5, 0, 0, 20 },
        { 500, 40, 5, 0.1, 0.2, 20 },
        { 500, 40, 1, 0.1, 0.2, 3 },
        { 50, 50, 10, 0.2, 0.2, 20 }, // everybody is in training at once
        { 12, 10, 10, 0.3, 0.3, 0 },
        { 1, 1, 1, 0.5, 0.1, 1 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Next_EveryRound_KeepsTheBooks(int clients, int size, int goal, double dropout, double straggler, int maxStaleness)
    {
        var schedule = Schedule(clients, size, goal, dropout, straggler, maxStaleness);
        var open = new HashSet<(int Client, int Round)>();
        for (var round = 1; round <= Rounds; round++)
        {
            var (asked, time) = schedule.Next(baseVersion: 7);

            Assert.NotEmpty(asked);
            Assert.Equal(asked.Select(one => one.Client).Distinct().Order(), asked.Select(one => one.Client));
            Assert.True(asked.Count(one => one.Fate == ClientState.Outstanding) <= goal);
            Assert.True(time >= 0);
            Assert.All(asked, one =>
            {
                Assert.True(open.Add((one.Client, one.Round)), "what it was asked in one round has come twice");
                Assert.InRange(one.Round, 1, round);
                Assert.Equal(7, one.BaseVersion);
                Assert.True(one.Fate != ClientState.Outstanding || round - one.Round <= maxStaleness);
                Assert.True(one.Fate != ClientState.Straggling || round - one.Round > maxStaleness);
            });
            Assert.True(schedule.InTraining.All(from => from <= round));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Next_Again_GoesThroughTheSameRounds(int clients, int size, int goal, double dropout, double straggler, int maxStaleness)
    {
        var (one, other) = (Schedule(clients, size, goal, dropout, straggler, maxStaleness), Schedule(clients, size, goal, dropout, straggler, maxStaleness));

        Assert.All(Enumerable.Range(1, Rounds), _ =>
        {
            var ((asked, time), (again, timeAgain)) = (one.Next(), other.Next());
            Assert.Equal((asked.AsEnumerable(), time), (again, timeAgain), (left, right) => left.Item1.SequenceEqual(right.Item1) && left.Item2 == right.Item2);
        });
    }

    // The point of it: a slow client holds nobody up. A synchronous round that loses a fifth of its cohort waits for its deadline.
    [Fact]
    public void Next_WithStragglers_TakesAFractionOfTheTimeOfRoundsThatWait()
    {
        var (schedule, faults) = (Schedule(500, 40, 40, 0.1, 0.2, 20), new SimulatedFaults(0.1, 0.2));

        var waiting = Enumerable.Range(1, Rounds).Sum(round => faults.Draw(5, RoundPlan.Draw(round, 0, 500, new CohortOptions(40, 40, 0.5), 5, 1)).Time);
        var updates = 0;
        var time = 0.0;
        while (updates < Rounds * 28) // as many as the rounds that wait can count
        {
            var (asked, took) = schedule.Next();
            (updates, time) = (updates + asked.Count(one => one.Fate == ClientState.Outstanding), time + took);
        }

        Assert.Equal(Rounds, waiting); // each has waited for its deadline
        Assert.True(time < 0.9 * waiting, $"{time} against {waiting}");
    }

    [Fact]
    public void Next_AllInTraining_AreTheSizeThatWasAskedFor()
    {
        var schedule = Schedule(500, 40, 1, 0, 0.5, 1_000);
        var counted = 0;
        for (var round = 1; round <= Rounds; round++)
        {
            counted += schedule.Next().Asked.Length;
        }

        Assert.Equal(Rounds, counted);
        Assert.InRange(schedule.InTraining.Count(), 2, 40); // models that some of the 40 still train from
    }

    private static BufferedSchedule Schedule(int clients, int size, int goal, double dropout, double straggler, int maxStaleness) =>
        new(clients, new CohortOptions(size, goal, 0.5), new SimulatedFaults(dropout, straggler), maxStaleness, 5, 1);
}
