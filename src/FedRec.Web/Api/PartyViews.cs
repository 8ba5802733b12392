using System.Text;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Runs;

namespace FedRec.Web.Api;

/// <summary>What a party is invited to.</summary>
public sealed record InvitationBody
{
    /// <summary>Whether the party keeps the data of many users, or is one. Default: true.</summary>
    public bool HasManyUsers { get; init; } = true;

    /// <summary>What it is labelled with, such as <c>region=eu</c>, separated by commas. Default: nothing.</summary>
    public string Labels { get; init; } = "";

    /// <summary>Whether interactions carry ratings, for a federation that is not there yet and begins with it. Default: the federation must be there.</summary>
    public bool? Ratings { get; init; }

    /// <summary>Days that the code is good, 1 to 30. Default: 7.</summary>
    public int Days { get; init; } = 7;
}

/// <summary>A code for a party.</summary>
/// <param name="Name">What the party is called.</param>
/// <param name="Federation">What it is invited to.</param>
/// <param name="Url">Where it reaches the coordinator.</param>
/// <param name="Until">When the code ends.</param>
/// <param name="Code">The code; to be handed over by a way that both trust.</param>
/// <param name="Command">What is typed at the party, with PATH for its data.</param>
public sealed record InvitationView(string Name, string Federation, Uri Url, DateTimeOffset Until, string Code, string Command);

/// <summary>A party with a process of its own.</summary>
/// <param name="Name">What it was invited as.</param>
/// <param name="Standing">What it may do.</param>
/// <param name="HasManyUsers">Whether it keeps the data of many users, or is one.</param>
/// <param name="Labels">What it is labelled with; empty for nothing.</param>
/// <param name="Fingerprint">Its key in words; empty before it has joined.</param>
/// <param name="Client">Number as a client; null before it was approved.</param>
/// <param name="Users">Users that it has said it has.</param>
/// <param name="LastSeen">When it was last heard of; null for never.</param>
/// <param name="InvitedUntil">When its invitation ends.</param>
/// <param name="Counted">Updates of it that rounds have counted.</param>
/// <param name="Refused">Orders that it has refused, updates that could not be counted, and orders that came while it might not take part.</param>
/// <param name="BytesUp">Bytes of the updates that it has sent.</param>
/// <param name="Held">The parameters that it fetched last; null for none.</param>
/// <param name="LastRefusal">Why it would not do what it was asked, the last time; null for never.</param>
/// <param name="MatchedItems">Items of its data that the catalogue has, as it says; null where it does not.</param>
/// <param name="UnmatchedItems">Items of its data that the catalogue does not have, as it says; null where it does not.</param>
/// <param name="ReadAt">When it read its data last, as it says; null where it does not.</param>
public sealed record PartyView(string Name, PartyStanding Standing, bool HasManyUsers, string Labels, string Fingerprint, int? Client, int Users, DateTimeOffset? LastSeen, DateTimeOffset InvitedUntil, long Counted, long Refused, long BytesUp, HeldModelView? Held, PartyRefusalView? LastRefusal, int? MatchedItems, int? UnmatchedItems, DateTimeOffset? ReadAt)
{
    internal static PartyView From(PartyRecord party) => new(
        party.Name, party.Standing, party.HasManyUsers, party.Labels, party.Fingerprint, party.Client, party.Users, party.LastSeen, party.InvitedUntil, party.Counted, party.Refused, party.BytesUp,
        party.HeldModel.Length == 0 ? null : new HeldModelView(party.HeldModel, party.Receipts.IsEmpty ? null : party.Receipts[^1].Update.Run, party.Receipts.IsEmpty ? null : party.Receipts[^1].Update.Round),
        party.Refusals.IsEmpty ? null : PartyRefusalView.From(party.Refusals[^1]), party.Report?.MatchedItems, party.Report?.UnmatchedItems, party.Report?.ReadAt);
}

/// <summary>What a party holds of the model.</summary>
/// <param name="Sha256">Of the parameters that it fetched last.</param>
/// <param name="Run">The run of its last update; null where it has sent none.</param>
/// <param name="Round">The round of that.</param>
public sealed record HeldModelView(string Sha256, string? Run, int? Round);

/// <summary>A party, with what became of its last updates.</summary>
/// <param name="Party">The party.</param>
/// <param name="Updates">Its last updates, the newest last.</param>
/// <param name="Refusals">Why it would not do what it was asked, the last 16 times; the newest last.</param>
/// <param name="Rejections">What came in its name and was not taken, by reason.</param>
public sealed record PartyDetailView(PartyView Party, IReadOnlyList<PartyUpdateView> Updates, IReadOnlyList<PartyRefusalView> Refusals, IReadOnlyList<PartyRejectionView> Rejections)
{
    internal static PartyDetailView From(PartyRecord party) => new(PartyView.From(party), [.. party.Receipts.Select(PartyUpdateView.From)], [.. party.Refusals.Select(PartyRefusalView.From)],
        [.. party.Rejections.Select(one => new PartyRejectionView(one.Reason, one.Count, one.Last))]);
}

/// <summary>How often something that came in a party's name was not taken for one reason.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Count">How often.</param>
/// <param name="Last">When it was so last.</param>
public sealed record PartyRejectionView(PartyRejectionReason Reason, long Count, DateTimeOffset Last);

/// <summary>Why a party would not do what it was asked.</summary>
/// <param name="Run">The run.</param>
/// <param name="Round">The round; of an evaluation that which the model is of, 0 for a version.</param>
/// <param name="Attempt">How often the party had been asked for it.</param>
/// <param name="Reason">In the party's words, which nobody has checked; at most 500 characters, U+FFFD in the place of control characters.</param>
/// <param name="At">When it said so.</param>
/// <param name="OfEvaluation">Whether it was asked to evaluate; else to train.</param>
public sealed record PartyRefusalView(string Run, int Round, int Attempt, string Reason, DateTimeOffset At, bool OfEvaluation)
{
    internal static PartyRefusalView From(PartyRefusal refusal) => new(refusal.Update.Run, refusal.Update.Round, refusal.Update.Attempt, refusal.Reason, refusal.At, refusal.OfEvaluation);
}

/// <summary>What became of an update.</summary>
/// <param name="Run">The run.</param>
/// <param name="Round">The round.</param>
/// <param name="Attempt">How often the party had been asked for it.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="At">When it was settled.</param>
public sealed record PartyUpdateView(string Run, int Round, int Attempt, PartyOutcome Outcome, long Bytes, DateTimeOffset At)
{
    internal static PartyUpdateView From(PartyReceipt receipt) => new(receipt.Update.Run, receipt.Update.Round, receipt.Update.Attempt, receipt.Outcome, receipt.Bytes, receipt.At);
}

/// <summary>A party in a run.</summary>
/// <param name="Name">The party.</param>
/// <param name="MayTakePart">Whether the run asks it: it was there when the run started, and has the labels that the run asks for.</param>
/// <param name="Standing">What it may do now: a run that asks for a party that is suspended goes on without it.</param>
/// <param name="Counted">Updates of it that the run has counted.</param>
/// <param name="Refused">Orders of the run that it refused, and updates that could not be counted.</param>
/// <param name="BytesUp">Bytes of the updates that it sent.</param>
/// <param name="LastRound">The round of the last of these; null where it has done nothing for the run, or where the run is older than the last 32 that it has done something for.</param>
public sealed record RunPartyView(string Name, bool MayTakePart, PartyStanding Standing, int Counted, int Refused, long BytesUp, int? LastRound)
{
    internal static RunPartyView[] All(RunStatus status, IReadOnlyList<PartyRecord> parties)
    {
        var (hosted, chosen) = (status.Source.Hosted, status.Source.Hosted?.Chosen?.ToHashSet());
        return [.. parties.Select(party => Of(party, hosted is not null && party.Client is { } client && client < hosted.Clients && chosen?.Contains(client) is not false, status.RunId))];
    }

    private static RunPartyView Of(PartyRecord party, bool mayTakePart, string run)
    {
        var done = party.Runs.FirstOrDefault(one => one.Run == run);
        return new RunPartyView(party.Name, mayTakePart, party.Standing, done?.Counted ?? 0, done?.Refused ?? 0, done?.BytesUp ?? 0, done?.LastRound);
    }
}

/// <summary>An update of a party as it has signed it.</summary>
/// <param name="Round">The round.</param>
/// <param name="Attempt">How often the party was asked for it.</param>
/// <param name="PayloadSha256">SHA-256 of the update's bytes, as they were sent.</param>
/// <param name="Statement">What was signed: lines that each end with a line feed, in UTF-8.</param>
/// <param name="PublicKey">P-256, SubjectPublicKeyInfo; base64.</param>
/// <param name="Signature">ECDSA with SHA-256, r and s of 32 bytes each; base64.</param>
/// <param name="At">When it came, by the coordinator's clock.</param>
/// <param name="IsCounted">Whether its round has counted it; false while that is not known.</param>
public sealed record SignedUpdateView(int Round, int Attempt, string PayloadSha256, string Statement, byte[] PublicKey, byte[] Signature, DateTimeOffset At, bool IsCounted)
{
    internal static SignedUpdateView From(string federation, string server, string party, SignedUpdate update) => new(
        update.Update.Round, update.Update.Attempt, update.PayloadSha256, Encoding.UTF8.GetString(PartyStatements.OfUpdate(federation, server, party, update)), update.PublicKey.ToArray(), update.Signature.ToArray(), update.At, update.IsCounted);
}
