using System.Collections.Immutable;

namespace FedRec.Contracts.RemoteParties;

/// <summary>The parties of a federation that keep their data in processes of their own; the key is the federation's name.</summary>
[Alias("fedrec.parties")]
public interface IPartiesGrain : IGrainWithStringKey
{
    /// <summary>Invites a party, or again one that has not been approved yet. Durable when it returns.</summary>
    /// <param name="name">1 to 64 letters, digits, dots, dashes or underscores.</param>
    /// <param name="terms">What it is invited to.</param>
    /// <param name="cancellationToken">Ends the wait; the party may have been invited.</param>
    /// <returns>What the code needs; the secret in it is kept nowhere.</returns>
    /// <exception cref="ArgumentException">The name or a label cannot be, the party has been approved, or the federation simulates its clients; nothing was changed.</exception>
    [Alias("invite")]
    Task<PartyTicket> InviteAsync(string name, PartyTerms terms, CancellationToken cancellationToken = default);

    /// <summary>One party; null when none was invited by that name.</summary>
    [Alias("find")]
    Task<PartyRecord?> FindAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>All parties, in the order in which they were invited.</summary>
    [Alias("list")]
    Task<ImmutableArray<PartyRecord>> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>Sets what a party may do, see <see cref="IPartyGrain.SetStandingAsync"/>.</summary>
    /// <returns>The party as it is now; null when none was invited by that name.</returns>
    /// <exception cref="ArgumentException">The party cannot get there.</exception>
    [Alias("set-standing")]
    Task<PartyRecord?> SetStandingAsync(string name, PartyStanding standing, CancellationToken cancellationToken = default);

    /// <summary>Forgets a party and its name, see <see cref="IPartyGrain.ForgetAsync"/>: it may be invited anew then.</summary>
    /// <returns>False when none was invited by that name.</returns>
    [Alias("forget")]
    Task<bool> ForgetAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Tells all parties that the coordinator is at another address now: each hears of it with its next answer. May be repeated; durable when it returns.</summary>
    /// <param name="url">Where it is.</param>
    /// <param name="pin">SHA-256 of the public key of the certificate there, in hexadecimal; empty for one that everybody trusts.</param>
    /// <param name="cancellationToken">Ends the wait; some may have been told.</param>
    /// <returns>The notice, signed: good for parties that cannot reach the old address, too. Null when no party was invited yet.</returns>
    [Alias("move")]
    Task<PartyMove?> MoveAsync(string url, string pin, CancellationToken cancellationToken = default);
}

/// <summary>What a party is invited to.</summary>
/// <param name="HasManyUsers">Whether it keeps the data of many users, or is one.</param>
/// <param name="Labels">What it is labelled with, such as <c>region=eu</c>, separated by commas; empty for nothing.</param>
/// <param name="HasRatings">Whether interactions carry ratings, for a federation that is not there yet and begins with it; null where it must be there.</param>
/// <param name="ValidFor">How long the code is good; at most 30 days.</param>
[GenerateSerializer, Immutable, Alias("fedrec.party-terms")]
public sealed record PartyTerms(
    [property: Id(0)] bool HasManyUsers,
    [property: Id(1)] string Labels,
    [property: Id(2)] bool? HasRatings,
    [property: Id(3)] TimeSpan ValidFor);

/// <summary>What an invitation's code needs beside the server's address.</summary>
/// <param name="Party">Id of the party.</param>
/// <param name="Server">Id of the coordinator.</param>
/// <param name="Secret">Good once.</param>
/// <param name="Until">When it ends.</param>
/// <param name="ServerKey">The coordinator's own key in this federation, by which notices of it are known: P-256, SubjectPublicKeyInfo.</param>
/// <param name="Moves">Number of the last notice that the coordinator has moved; 0 for none.</param>
[GenerateSerializer, Immutable, Alias("fedrec.party-ticket")]
public sealed record PartyTicket(
    [property: Id(0)] string Party,
    [property: Id(1)] string Server,
    [property: Id(2)] ReadOnlyMemory<byte> Secret,
    [property: Id(3)] DateTimeOffset Until,
    [property: Id(4)] ReadOnlyMemory<byte> ServerKey,
    [property: Id(5)] long Moves);
