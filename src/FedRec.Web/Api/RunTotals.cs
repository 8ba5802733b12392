using FedRec.Contracts.Rounds;

namespace FedRec.Web.Api;

/// <summary>Sums over the closed rounds of a run.</summary>
/// <param name="Asked">Clients asked.</param>
/// <param name="Participants">Updates counted.</param>
/// <param name="Dropped">Clients that dropped out or failed.</param>
/// <param name="Late">Clients that missed a deadline.</param>
/// <param name="Rejected">Updates refused.</param>
/// <param name="BytesUp">Bytes that clients sent.</param>
/// <param name="BytesDown">Bytes that clients were sent.</param>
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
            seconds,
            seconds > 0 ? participants / seconds : null);
    }
}
