using System.Collections.Immutable;

namespace FedRec.Contracts.RemoteParties;

/// <summary>What a party has done for one run.</summary>
/// <param name="Run">The run, such as <c>run-3</c>.</param>
/// <param name="Counted">Rounds that have counted an update of it; one that the coordinator lost and did again is one.</param>
/// <param name="Refused">Orders that it refused, and updates that could not be counted.</param>
/// <param name="BytesUp">Bytes of the updates that it sent.</param>
/// <param name="LastRound">The round of the last of these.</param>
[GenerateSerializer, Immutable, Alias("fedrec.party-run")]
public sealed record PartyRun(
    [property: Id(0)] string Run,
    [property: Id(1)] int Counted,
    [property: Id(2)] int Refused,
    [property: Id(3)] long BytesUp,
    [property: Id(4)] int LastRound)
{
    /// <summary>Runs that are kept, the newest last.</summary>
    public const int Most = 32;

    /// <summary>The runs with what became of an update.</summary>
    /// <param name="runs">As they were.</param>
    /// <param name="receipt">Of the update.</param>
    /// <param name="counts">Whether it is one more that was counted: the first one of its round.</param>
    public static ImmutableArray<PartyRun> With(ImmutableArray<PartyRun> runs, PartyReceipt receipt, bool counts) => receipt.Outcome == PartyOutcome.Offered ? runs
        : With(runs, receipt.Update, counts ? 1 : 0, receipt.Outcome is PartyOutcome.Rejected or PartyOutcome.Stale ? 1 : 0, receipt.Bytes);

    /// <summary>The runs with an order that was refused.</summary>
    public static ImmutableArray<PartyRun> WithRefusal(ImmutableArray<PartyRun> runs, PartyUpdateId update) => With(runs, update, 0, 1, 0);

    private static ImmutableArray<PartyRun> With(ImmutableArray<PartyRun> runs, PartyUpdateId update, int counted, int refused, long bytes)
    {
        var all = runs.IsDefault ? [] : runs; // stored before there were any
        var before = all.FirstOrDefault(run => run.Run == update.Run) ?? new PartyRun(update.Run, 0, 0, 0, 0);
        var now = new PartyRun(update.Run, before.Counted + counted, before.Refused + refused, before.BytesUp + bytes, Math.Max(before.LastRound, update.Round));
        return [.. all.Where(run => run.Run != update.Run).Append(now).TakeLast(Most)];
    }
}
