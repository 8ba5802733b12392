using System.Globalization;
using FedRec.Contracts.Models;
using FedRec.Contracts.Privacy;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;

namespace FedRec.Web.Api;

/// <summary>Where a run stands.</summary>
public sealed record RunView
{
    /// <summary>Identity within the federation.</summary>
    public required string Id { get; init; }

    /// <summary>The federation.</summary>
    public required string Federation { get; init; }

    /// <summary>Where it stands.</summary>
    public required RunPhase Phase { get; init; }

    /// <summary>Why it ended; null while it runs.</summary>
    public string? Reason { get; init; }

    /// <summary>How it ended, in a sentence; null while it runs.</summary>
    public string? Summary { get; init; }

    /// <summary>Why it ended, for programs; <c>None</c> while it runs.</summary>
    public required RunStopReason StopReason { get; init; }

    /// <summary>Rounds asked for.</summary>
    public required int RoundsPlanned { get; init; }

    /// <summary>Rounds closed.</summary>
    public required int RoundsDone { get; init; }

    /// <summary>The version that it published when it ended well; 0 for none.</summary>
    public required long Version { get; init; }

    /// <summary>SHA-256 of that version's tensors; empty for none.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Whether that version was put in use, and why; null without a version.</summary>
    public PromotionDecision? Promotion { get; init; }

    /// <summary>The round that it would go on from after a crash; 0 for its beginning, and once it has ended.</summary>
    public required int CheckpointRound { get; init; }

    /// <summary>Size of the federation.</summary>
    public required PopulationView Population { get; init; }

    /// <summary>Sums over the closed rounds.</summary>
    public required RunTotals Totals { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended; null while it runs.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>What was asked for, all defaults filled in; paths as a request may name them.</summary>
    public required RunRequest Request { get; init; }

    /// <summary>Who can learn what of whom by it, in words.</summary>
    public required TrustModel Trust { get; init; }

    /// <summary>What its federation simulated when it started; null where clients keep their data themselves.</summary>
    public DataSpec? Data { get; init; }

    /// <summary>Whether it can still change.</summary>
    public bool Active => Phase is RunPhase.Loading or RunPhase.Pending or RunPhase.Running;

    internal static RunView From(RunStatus status, DataRoot root) => new()
    {
        Id = status.RunId,
        Federation = status.Request.Federation,
        Phase = status.Phase,
        Reason = status.Reason,
        Summary = RunWords.Ending(status),
        StopReason = status.StopReason,
        RoundsPlanned = status.Request.Rounds.Count,
        RoundsDone = status.RoundsDone,
        Version = status.Version,
        Sha256 = status.Sha256,
        Promotion = status.Promotion,
        CheckpointRound = status.CheckpointRound,
        Population = new(status.Clients, status.Users, status.Items, status.Interactions, status.Protocol),
        Totals = RunTotals.Over(status.Rounds),
        StartedAt = status.StartedAt,
        EndedAt = status.EndedAt,
        Request = status.Request,
        Trust = TrustModel.Of(status),
        Data = status.Source.Simulated is { } data ? root.Shown(data) : null,
    };
}

/// <summary>Size of a federation.</summary>
/// <param name="Clients">Parties that train.</param>
/// <param name="Users">People served.</param>
/// <param name="Items">Items of the catalogue.</param>
/// <param name="Interactions">Training and held-out interactions; where clients keep their data themselves at least so many, and less than twice as many: all that they tell is a power of two.</param>
/// <param name="Protocol">How the data was split, in words.</param>
public sealed record PopulationView(int Clients, int Users, int Items, long Interactions, string Protocol);

/// <summary>Sums over the closed rounds of a run.</summary>
/// <param name="Asked">Clients asked.</param>
/// <param name="Participants">Updates counted.</param>
/// <param name="Dropped">Clients that dropped out or failed.</param>
/// <param name="Late">Clients that missed a deadline.</param>
/// <param name="Rejected">Updates refused.</param>
/// <param name="BytesUp">Bytes of updates that would travel from clients if each were a process of its own.</param>
/// <param name="BytesDown">Bytes of parameters that would travel to them.</param>
/// <param name="MovedBytes">Bytes of sums and parameters that moved between silos; 0 on one silo.</param>
/// <param name="RoundSeconds">Wall time of the rounds, in seconds.</param>
/// <param name="ClientTrainingsPerSecond">Updates counted per second of round; null before the first round.</param>
public sealed record RunTotals(
    long Asked,
    long Participants,
    long Dropped,
    long Late,
    long Rejected,
    long BytesUp,
    long BytesDown,
    long MovedBytes,
    double RoundSeconds,
    double? ClientTrainingsPerSecond)
{
    internal static RunTotals Over(IReadOnlyCollection<RoundRecord> rounds)
    {
        var seconds = rounds.Sum(r => r.Milliseconds) / 1000;
        var participants = rounds.Sum(r => (long)r.Participants);
        return new(
            rounds.Sum(r => (long)r.Asked),
            participants,
            rounds.Sum(r => (long)r.Dropped),
            rounds.Sum(r => (long)r.Late),
            rounds.Sum(r => (long)r.Rejected),
            rounds.Sum(r => r.BytesUp),
            rounds.Sum(r => r.BytesDown),
            rounds.Sum(r => r.MovedSumBytes + r.ModelBytes),
            seconds,
            seconds > 0 ? participants / seconds : null);
    }
}

/// <summary>Says in a sentence how a run ended.</summary>
internal static class RunWords
{
    /// <summary>Null while it runs, and for a run that ended before reasons were recorded and gave none.</summary>
    public static string? Ending(RunStatus status)
    {
        if (status.Phase is not (RunPhase.Completed or RunPhase.Stopped or RunPhase.Failed))
        {
            return null;
        }

        var planned = status.Request.Rounds.Count;
        return status.StopReason switch
        {
            RunStopReason.Plateau => Early(status, "validation NDCG@10 no longer rose"),
            RunStopReason.Target => Early(status, "the target was reached"),
            RunStopReason.Complete => Early(status, "there was nothing left to learn"),
            RunStopReason.Rounds => planned == 1 ? "Finished: the only round is done." : Say($"Finished: all {planned:N0} rounds are done."),
            RunStopReason.Requested => Say($"Stopped by hand after {status.RoundsDone:N0} of {planned:N0} rounds."),
            _ => status.Reason is { Length: > 0 } reason ? Say($"Ended after {status.RoundsDone:N0} of {planned:N0} rounds: {reason.TrimEnd('.')}.") : null,
        };
    }

    private static string Early(RunStatus status, string otherwise) =>
        Say($"Finished after {status.RoundsDone:N0} of at most {status.Request.Rounds.Count:N0} rounds: {(status.Reason ?? otherwise).TrimEnd('.')}.");

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
