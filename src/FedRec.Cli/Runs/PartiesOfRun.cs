using FedRec.Contracts.RemoteParties;
using FedRec.Web.Api;

namespace FedRec.Cli.Runs;

/// <summary>Which parties with a process of their own a run may use, in a sentence.</summary>
/// <remarks>Asked for when it is said, and kept nowhere: what a run stores outlives a party that is forgotten.</remarks>
internal static class PartiesOfRun
{
    private const int MostNamed = 10;

    /// <summary>Says it, where there are parties.</summary>
    public static void Say(CommandContext context, IReadOnlyList<RunPartyView> parties)
    {
        if (parties.Count > 0)
        {
            var others = Named(parties, mayTakePart: false);
            context.Say($"Parties that may take part: {Named(parties, mayTakePart: true) ?? "none"}.{(others is null ? "" : $" Not: {others}.")}");
        }
    }

    private static string? Named(IEnumerable<RunPartyView> parties, bool mayTakePart)
    {
        var names = parties.Where(party => mayTakePart == IsAble(party)).Select(party => mayTakePart ? party.Name : $"{party.Name} ({(party.Standing == PartyStanding.Active ? "not selected" : party.Standing.ToString().ToLowerInvariant())})").ToArray();
        return names.Length == 0 ? null : string.Join(", ", names.Take(MostNamed)) + (names.Length > MostNamed ? $" and {names.Length - MostNamed} more" : "");
    }

    private static bool IsAble(RunPartyView party) => party is { MayTakePart: true, Standing: PartyStanding.Active };
}
