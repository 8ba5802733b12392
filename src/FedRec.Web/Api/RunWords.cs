using System.Globalization;
using FedRec.Contracts.Runs;

namespace FedRec.Web.Api;

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
