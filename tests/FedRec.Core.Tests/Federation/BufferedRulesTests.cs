using FedRec.Core.Aggregation;
using FedRec.Core.Federation;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Federation;

/// <summary>What an update counts whose model is behind: FedBuff's discount, exact in any grouping.</summary>
public sealed class BufferedRulesTests
{
    private const int Length = 2;

    [Fact]
    public void WeightOf_EveryStaleness_IsTheFormulaWithinOnePercent()
    {
        Assert.Equal(BufferedRules.WholeWeight, BufferedRules.WeightOf(0));
        Assert.All(Enumerable.Range(0, 21), behind => Assert.Equal(1, BufferedRules.WeightOf(behind) / 256.0 * Math.Sqrt(1 + behind), tolerance: 0.01));
        Assert.All(Enumerable.Range(0, 1_001), behind => Assert.InRange(BufferedRules.WeightOf(behind), 1, 256));
    }

    // Algorithm 1 of FedBuff: the sum of s(τ)·Δ is divided by what the updates would weigh if all were fresh.
    [Fact]
    public void Round_UpdatesOfSeveralModels_MovesByTheDiscountedMean()
    {
        var round = Begin([Asked(3, 9), Asked(4, 8), Asked(5, 6)], goal: 3);

        Assert.Equal(SubmissionOutcome.Accepted, round.Submit(Of(9, (3, 1, 4f))));
        Assert.Equal(SubmissionOutcome.Accepted, round.Submit(Of(8, (4, 1, 2f))));
        Assert.Equal(SubmissionOutcome.Accepted, round.Submit(Of(6, (5, 2, 8f))));

        var mean = new float[Length];
        round.Partial.Close().Mean(mean);
        Assert.Equal(RoundPhase.Aggregating, round.Phase);
        Assert.Equal(((1 * 4f * 256) + (1 * 2f * 181) + (2 * 8f * 128)) / (256 * (1 + 1 + 2)), mean[0], tolerance: 1e-6f); // 1/√1, 1/√2, 1/√4 of 256
        Assert.Equal((3, 2 / 4.0), (round.Sum.Clients, round.Sum.LargestShare));
    }

    // One update at a time is FedAsync: an old one moves the model less, though nobody else is in its mean.
    [Fact]
    public void Round_OneUpdateThatIsBehind_MovesTheModelByItsPart()
    {
        var round = Begin([Asked(3, 6)], goal: 1);

        round.Submit(Of(6, (3, 1, 4f)));

        var mean = new float[Length];
        round.Partial.Close().Mean(mean);
        Assert.Equal(4f * 128 / 256, mean[0], tolerance: 1e-6f);
    }

    [Fact]
    public void Round_AnyGroupingAndOrder_GivesTheSameBytes()
    {
        AskedClient[] asked = [.. Enumerable.Range(0, 24).Select(client => Asked(client, 9 - (client % 4)))];
        var random = new Random(3);
        byte[] Encoded(bool shuffled)
        {
            var round = Begin(asked, goal: 24);
            var groups = asked.GroupBy(one => one.Round).SelectMany(group => group.Chunk(shuffled ? 1 + random.Next(5) : 6)).ToArray();
            if (shuffled)
            {
                random.Shuffle(groups);
            }

            Assert.All(groups, group => Assert.Equal(SubmissionOutcome.Accepted, round.Submit(Of(group[0].Round, [.. group.Select(one => (one.Client, 1.0, MathF.Sin(one.Client)))]))));
            return round.Partial.Encoded.ToArray();
        }

        Assert.All(Enumerable.Range(0, 10), _ => Assert.Equal(Encoded(shuffled: false), Encoded(shuffled: true)));
    }

    [Theory]
    [InlineData(9, 4, SubmissionOutcome.Stale)] // asked for another round's model
    [InlineData(3, 3, SubmissionOutcome.Stale)] // further behind than the rules take
    [InlineData(10, 3, SubmissionOutcome.Stale)] // not yet
    [InlineData(8, 99, SubmissionOutcome.NotInvited)]
    public void Submit_WhatWasNotAskedFor_IsRefusedAndLeavesNoTrace(int trainedFor, int client, SubmissionOutcome expected)
    {
        var round = Begin([Asked(3, 9), Asked(4, 8)], goal: 2);

        Assert.Equal(expected, round.Submit(Of(trainedFor, (client, 1, 4f))));
        Assert.Equal((0, RoundPhase.Collecting), (round.Sum.Clients, round.Phase));
        Assert.All(round.Partial.Encoded.ToArray(), value => Assert.Equal(0, value));
    }

    // What was counted before a crash is discounted already.
    [Fact]
    public void Resume_WhatWasCounted_CountsAsItDid()
    {
        var (before, after) = (Begin([Asked(3, 9), Asked(4, 6)], goal: 2), Begin([Asked(3, 9), Asked(4, 6)], goal: 2));
        before.Submit(Of(6, (4, 1, 2f)));

        Assert.Equal(SubmissionOutcome.Accepted, after.Resume(new Submission(9, 7, [4], before.Partial)));
        Assert.Equal(SubmissionOutcome.Duplicate, after.Submit(Of(6, (4, 1, 2f))));
        before.Submit(Of(9, (3, 1, 4f)));
        after.Submit(Of(9, (3, 1, 4f)));

        Assert.Equal(before.Partial.Encoded.ToArray(), after.Partial.Encoded.ToArray());
        Assert.Equal((before.Sum.Weight, before.Phase), (after.Sum.Weight, after.Phase));
    }

    [Fact]
    public void Submit_ASumThatItsPartWouldTakeOutOf64Bits_IsRefused()
    {
        var round = Begin([Asked(3, 9)], goal: 1);
        var huge = new FixedPointSum(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0 }, 1L << 32, 0, 1, 1, 1, round.Plan.Scale);

        Assert.Equal(SubmissionOutcome.Malformed, round.Submit(new Submission(9, 7, [3], huge)));
        Assert.Equal(0, round.Sum.Clients);
    }

    private static AskedClient Asked(int client, int round) => new(client, round, 7);

    private static Round Begin(AskedClient[] asked, int goal)
    {
        var plan = RoundPlan.Of(9, 7, [.. asked], new CohortOptions(asked.Length, goal, 1), new BufferedRules(5), Length);
        var round = new Round(plan with { Scale = new SumScale(FixedPoint.Bits, asked.Length * BufferedRules.WholeWeight) });
        round.Open();
        return round;
    }

    private static Submission Of(int trainedFor, params (int Client, double Weight, float Value)[] updates)
    {
        var (sum, buffer) = (new FixedPointSum(Length, new SumScale(FixedPoint.Bits, 24 * BufferedRules.WholeWeight)), new UpdateBuffer());
        foreach (var (_, weight, value) in updates)
        {
            buffer.Clear();
            buffer.Segment(0, 1)[0] = value;
            Assert.True(sum.TryAdd(buffer, weight, 0, 1));
        }

        return new Submission(trainedFor, 7, [.. updates.Select(update => update.Client)], sum);
    }
}
