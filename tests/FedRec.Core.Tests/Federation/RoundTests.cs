using CsCheck;
using FedRec.Core.Aggregation;
using FedRec.Core.Federation;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Federation;

public class RoundTests
{
    private const int Length = 3;

    [Fact]
    public void Submit_AtTheReportGoal_ClosesTheRound()
    {
        var round = Open(cohort: 5, goal: 3, quorum: 2);

        round.Submit(Update(0));
        round.Submit(Update(1));
        Assert.Equal(RoundPhase.Collecting, round.Phase);
        round.Submit(Update(2));

        Assert.Equal(RoundPhase.Aggregating, round.Phase);
        Assert.Equal(3, round.Sum.Clients);
        Assert.Equal(2, round.Late); // the over-selected ones had not answered
    }

    [Fact]
    public void Expire_WithAQuorum_AggregatesWhatThereIs()
    {
        var round = Open(cohort: 4, goal: 4, quorum: 2);
        round.Submit(Update(0, 1));

        round.Expire();

        Assert.Equal(RoundPhase.Aggregating, round.Phase);
        Assert.Equal(2, round.Late);
    }

    [Fact]
    public void Expire_WithoutAQuorum_AbandonsAndSaysWhy()
    {
        var round = Open(cohort: 4, goal: 4, quorum: 2);
        round.Submit(Update(0));
        round.Report(1, ClientState.Dropped);

        round.Expire();

        Assert.Equal(RoundPhase.Abandoned, round.Phase);
        Assert.Equal("quorum not met at the deadline: 1 of at least 2 updates, 1 dropped, 2 late, 0 rejected", round.Reason);
    }

    [Fact]
    public void Report_LastOutstandingClient_ClosesWithoutWaitingForTheDeadline()
    {
        var round = Open(cohort: 3, goal: 3, quorum: 1);
        round.Submit(Update(0));
        round.Report(1, ClientState.Dropped);
        round.Report(2, ClientState.Straggling);

        Assert.Equal(RoundPhase.Aggregating, round.Phase);
        Assert.Equal(1, round.Count(ClientState.Dropped));
        Assert.Equal(1, round.Late);
    }

    [Fact]
    public void Submit_Straggler_IsCountedWhileTheRoundIsOpen()
    {
        var round = Open(cohort: 3, goal: 3, quorum: 1);
        round.Report(0, ClientState.Straggling);

        Assert.Equal(SubmissionOutcome.Accepted, round.Submit(Update(0)));

        Assert.Equal(0, round.Count(ClientState.Straggling));
    }

    [Fact]
    public void Submit_AfterTheClose_IsLateAndChangesNothing()
    {
        var round = Open(cohort: 3, goal: 1, quorum: 1);
        round.Submit(Update(0));
        var before = round.Sum.Values.ToArray();

        Assert.Equal(SubmissionOutcome.Late, round.Submit(Update(1)));

        Assert.Equal(before, round.Sum.Values.ToArray());
    }

    [Theory]
    [InlineData(2, 7, SubmissionOutcome.Stale)]
    [InlineData(1, 6, SubmissionOutcome.Stale)]
    [InlineData(1, 7, SubmissionOutcome.Accepted)]
    public void Submit_ForAnotherRoundOrVersion_IsStale(int number, long baseVersion, SubmissionOutcome expected)
    {
        var round = Open(cohort: 3, goal: 3, quorum: 1);

        Assert.Equal(expected, round.Submit(Update(0) with { Round = number, BaseVersion = baseVersion }));
    }

    [Fact]
    public void Submit_ASumWithACountedClient_CountsNothingOfIt()
    {
        var round = Open(cohort: 4, goal: 4, quorum: 1);
        round.Submit(Update(0, 1));

        Assert.Equal(SubmissionOutcome.Duplicate, round.Submit(Update(1, 2)));

        Assert.Equal([2, 3], round.Clients(ClientState.Outstanding));
        Assert.Equal(2, round.Sum.Clients);
    }

    [Fact]
    public void Submit_WrongShapeUninvitedOrMalformed_IsRefused()
    {
        var round = Open(cohort: 3, goal: 3, quorum: 1);
        var noClients = new Submission(1, 7, [], new FixedPointSum(Length));
        var countsDiffer = Update(0) with { Clients = [0, 1] };
        var twice = Update(0, 1) with { Clients = [0, 0] };

        Assert.Equal(SubmissionOutcome.WrongShape, round.Submit(Update(0) with { Partial = new FixedPointSum(Length + 1) }));
        Assert.Equal(SubmissionOutcome.NotInvited, round.Submit(Update(9)));
        Assert.Equal(SubmissionOutcome.Malformed, round.Submit(noClients));
        Assert.Equal(SubmissionOutcome.Malformed, round.Submit(countsDiffer));
        Assert.Equal(SubmissionOutcome.Malformed, round.Submit(twice));
        Assert.Equal(0, round.Sum.Clients);
    }

    [Fact]
    public void Report_ACountedClient_StaysCounted()
    {
        var round = Open(cohort: 2, goal: 2, quorum: 1);
        round.Submit(Update(0));

        round.Report(0, ClientState.Dropped);

        Assert.Equal(1, round.Count(ClientState.Counted));
        Assert.Equal(0, round.Count(ClientState.Dropped));
    }

    [Fact]
    public void Commit_BeforeTheClose_Throws() =>
        Assert.Throws<InvalidOperationException>(() => Open(cohort: 2, goal: 2, quorum: 1).Commit());

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(3, 4, 1)]
    [InlineData(3, 2, 3)]
    [InlineData(3, 2, 0)]
    public void Round_PlanThatContradictsItself_Throws(int cohort, int goal, int quorum) =>
        Assert.Throws<ArgumentException>(() => Open(cohort, goal, quorum));

    /// <summary>Whatever happens in whatever order, nobody is counted twice and a closed round's sum never changes.</summary>
    [Fact]
    public void AnyEvents_InAnyOrder_KeepTheLaws() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[-1, 6], Gen.Int[-1, 6]).Array[0, 40].Sample(events =>
        {
            var round = Open(cohort: 5, goal: 4, quorum: 2);
            long[]? closed = null;
            foreach (var (kind, one, other) in events)
            {
                Apply(round, kind, one, other);
                Assert.Equal(round.Sum.Clients, round.Count(ClientState.Counted));
                Assert.Equal(FixedPoint.Encode(round.Clients(ClientState.Counted).Sum(Value)), round.Sum.Values[0]);
                closed ??= round.Closed ? round.Sum.Values.ToArray() : null;
                Assert.True(closed is null || closed.AsSpan().SequenceEqual(round.Sum.Values));
                Assert.True(round.Phase != RoundPhase.Aggregating || round.Sum.Clients >= 2);
            }
        });

    private static void Apply(Round round, int kind, int one, int other)
    {
        switch (kind)
        {
            case 0: round.Submit(Update(one)); break;
            case 1: round.Submit(one == other ? Update(one) : Update(one, other)); break;
            case 2: round.Report(one, ClientState.Dropped); break;
            case 3: round.Report(one, ClientState.Straggling); break;
            default: if (other == 6) { round.Expire(); } break;
        }
    }

    private static Round Open(int cohort, int goal, int quorum)
    {
        var round = new Round(new RoundPlan(1, 7, [.. Enumerable.Range(0, cohort)], goal, quorum, Length));
        round.Open();
        return round;
    }

    private static double Value(int client) => Math.Pow(2, client);

    private static Submission Update(params int[] clients)
    {
        var sum = new FixedPointSum(Length);
        var buffer = new UpdateBuffer();
        foreach (var client in clients)
        {
            buffer.Clear();
            buffer.Segment(0, 1)[0] = (float)Value(client);
            Assert.True(sum.TryAdd(buffer, 1, 0, 1));
        }

        return new Submission(1, 7, clients, sum);
    }
}
