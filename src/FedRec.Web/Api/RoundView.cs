using FedRec.Contracts.Rounds;

namespace FedRec.Web.Api;

/// <summary>What a round did; also its progress while it is open.</summary>
/// <param name="Round">From 1.</param>
/// <param name="Phase">Planned, Collecting, Aggregating, Committed or Abandoned.</param>
/// <param name="Reason">Why it was abandoned; null otherwise.</param>
/// <param name="Asked">Clients asked.</param>
/// <param name="Participants">Updates counted.</param>
/// <param name="Dropped">Clients that dropped out or failed.</param>
/// <param name="Late">Clients that missed the deadline.</param>
/// <param name="Rejected">Updates refused.</param>
/// <param name="Loss">Weighted mean training loss; null when there is none.</param>
/// <param name="LargestShare">Largest share of one client in the mean, in (0, 1].</param>
/// <param name="BytesUp">Bytes that clients sent.</param>
/// <param name="BytesDown">Bytes that clients were sent.</param>
/// <param name="Milliseconds">Wall time.</param>
/// <param name="StepNorm">L2 norm of the server's step.</param>
/// <param name="Version">Version published; 0 for none.</param>
public sealed record RoundView(
    int Round,
    string Phase,
    string? Reason,
    int Asked,
    int Participants,
    int Dropped,
    int Late,
    int Rejected,
    double? Loss,
    double? LargestShare,
    long BytesUp,
    long BytesDown,
    double Milliseconds,
    double? StepNorm,
    long Version)
{
    internal static RoundView From(RoundRecord r) => new(
        r.Round, r.Phase, r.Reason, r.Asked, r.Participants, r.Dropped, r.Late, r.Rejected,
        r.Loss is { } loss ? ApiJson.FiniteOrNull(loss) : null,
        ApiJson.FiniteOrNull(r.LargestShare), r.BytesUp, r.BytesDown, r.Milliseconds, ApiJson.FiniteOrNull(r.StepNorm), r.Version);
}
