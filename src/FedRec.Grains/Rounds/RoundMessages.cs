using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Rounds;
using FedRec.Core.Aggregation;
using FedRec.Core.Federation;
using FedRec.Grains.Requests;

namespace FedRec.Grains.Rounds;

/// <summary>Converts between the round's messages and Core's records.</summary>
internal static class RoundMessages
{
    /// <summary>The message of a sum; the memory is handed over and must not change any more.</summary>
    public static PartialSum ToMessage(TrainOrder order, IPartial? partial, ImmutableArray<int> clients, long bytesUp) => new()
    {
        Round = order.Round,
        Collecting = order.Collecting,
        BaseVersion = order.BaseVersion,
        Clients = clients,
        Values = partial?.Encoded ?? default,
        Weight = partial?.Totals.Weight ?? 0,
        Loss = partial?.Totals.Loss ?? 0,
        Examples = partial?.Totals.Examples ?? 0,
        MaxWeight = partial?.Totals.MaxWeight ?? 0,
        BytesUp = bytesUp,
        FractionBits = partial?.Totals.Scale.Bits ?? FixedPoint.Bits,
    };

    /// <summary>What a message says some updates come to.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static IPartial ToPartial(PartialSum message, IAggregator aggregator, int length) => aggregator.Read(length, message.Values, new FixedPointSum(
        default, message.Weight, message.Loss, message.Clients.Length, message.Examples, message.MaxWeight, new SumScale(message.FractionBits, Math.Max(1, message.Clients.Length))));

    public static Submission ToSubmission(PartialSum message, RoundPlan plan) =>
        new(message.Round, message.BaseVersion, message.Clients, ToPartial(message, plan.Aggregator, plan.UpdateLength));

    public static UpdateReceipt ToReceipt(SubmissionOutcome outcome) => outcome switch
    {
        SubmissionOutcome.Accepted => UpdateReceipt.Accepted,
        SubmissionOutcome.Duplicate => UpdateReceipt.Duplicate,
        SubmissionOutcome.Late => UpdateReceipt.Late,
        SubmissionOutcome.Stale => UpdateReceipt.Stale,
        SubmissionOutcome.NotInvited => UpdateReceipt.NotInvited,
        SubmissionOutcome.WrongShape => UpdateReceipt.WrongShape,
        SubmissionOutcome.Malformed => UpdateReceipt.Malformed,
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, null),
    };

    public static RoundPlan ToPlan(RoundOrder order, IAggregator aggregator)
    {
        var cohort = RunRequests.ToOptions(order.Settings);
        var plan = order.Asked is { } asked
            ? RoundPlan.Of(order.Round, order.BaseVersion, [.. asked.Select(ToAsked)], cohort, RunRequests.ToRules(order.Settings), order.UpdateLength)
            : RoundPlan.Draw(order.Round, order.BaseVersion, order.Clients, cohort, order.Seed, order.UpdateLength, order.Among ?? []);
        return plan with { Scale = new SumScale(order.FractionBits, checked(plan.Cohort.Length * plan.Rules.Unit)), Aggregator = aggregator, Rules = SecureRules.For(aggregator, plan.Rules) };
    }

    public static AskedClient ToAsked(TrainedFor one) => new(one.Client, one.Round, one.BaseVersion, one.Fate switch
    {
        ClientFate.InTime => ClientState.Outstanding,
        ClientFate.DropsOut => ClientState.Dropped,
        ClientFate.TooLate => ClientState.Straggling,
        _ => throw new ArgumentOutOfRangeException(nameof(one), one.Fate, null),
    });

    public static TrainedFor ToMessage(AskedClient one) => new(one.Client, one.Round, one.BaseVersion, one.Fate switch
    {
        ClientState.Dropped => ClientFate.DropsOut,
        ClientState.Straggling => ClientFate.TooLate,
        _ => ClientFate.InTime,
    });

    public static RoundRecord ToRecord(Round round, RoundOrder order, (long BytesUp, int Clipped) counted, double milliseconds, double virtualSeconds) => new()
    {
        Round = round.Plan.Number,
        Phase = round.Phase.ToString(),
        Reason = round.Reason,
        Asked = round.Plan.Cohort.Length,
        Participants = round.Sum.Clients,
        Dropped = round.Count(ClientState.Dropped),
        Late = round.Late,
        Rejected = round.Count(ClientState.Rejected),
        Loss = round.Sum is { Weight: > 0, Loss: not 0 } sum ? (double)sum.Loss / sum.Weight : null, // statistics have none: 0 would reach any target
        LargestShare = round.Sum.LargestShare,
        BytesUp = counted.BytesUp,
        ClippedShare = round.Sum.Clients == 0 ? 0 : (double)counted.Clipped / round.Sum.Clients,
        BytesDown = order.ParameterBytes * (round.Plan.Cohort.Length - round.Count(ClientState.Dropped)),
        Milliseconds = milliseconds,
        VirtualSeconds = virtualSeconds,
        Staleness = StalenessOf(round),
    };

    // How many were so many steps behind; of an asynchronous round there is at least a place for none.
    private static ImmutableArray<int> StalenessOf(Round round)
    {
        var plan = round.Plan;
        if (plan.Rules is not BufferedRules)
        {
            return [];
        }

        var counted = round.Clients(ClientState.Counted).ToHashSet();
        var steps = plan.Asked.Where(one => counted.Contains(one.Client)).CountBy(one => plan.Number - one.Round).ToDictionary();
        return [.. Enumerable.Range(0, steps.Keys.DefaultIfEmpty(0).Max() + 1).Select(behind => steps.GetValueOrDefault(behind))];
    }
}

/// <summary>What a round must remember over a crash.</summary>
[GenerateSerializer, Alias("fedrec.state.round")]
internal sealed record RoundState
{
    /// <summary>The plan; null before the round is opened.</summary>
    [Id(0)] public RoundOrder? Order { get; init; }

    /// <summary>What is counted so far, as of the last checkpoint.</summary>
    [Id(1)] public PartialSum? Counted { get; init; }

    /// <summary>The closed round's counters; null while it is open.</summary>
    [Id(2)] public RoundRecord? Closed { get; init; }
}
