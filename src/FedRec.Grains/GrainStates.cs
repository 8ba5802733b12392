using FedRec.Grains.Privacy;
using FedRec.Grains.Runs;

namespace FedRec.Grains;

/// <summary>What becomes of a grain's state whose bytes in the store are damaged, by its name.</summary>
/// <remarks>What a party alone knows (its histories, what it keeps, its name) is in neither: the store says that it is damaged, and nobody goes on without it.</remarks>
public static class GrainStates
{
    /// <summary>Whether a second copy is worth its write: few bytes, written seldom, that nothing else in the store tells. Which federations there are, which runs, what a run is, which version is in use, what was spent of its clients' privacy, who may come in.</summary>
    public static bool IsKeptTwice(string state) => state is "federations" or "federation" or "run" or "model" or "privacy" or "access" || state.StartsWith(PrivacyPages.StateName, StringComparison.Ordinal);

    /// <summary>Whether the grain works out again what the state held: the same, as every draw depends on (seed, round, client) alone.</summary>
    public static bool IsMadeAgain(string state) => state == "round" || state.StartsWith(RunLog.StateName, StringComparison.Ordinal);
}
