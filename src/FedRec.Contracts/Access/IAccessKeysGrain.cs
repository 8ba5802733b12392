using System.Collections.Immutable;

namespace FedRec.Contracts.Access;

/// <summary>The keys with which programs and people say to the web front ends of a cluster who they are. One record for all of them: <see cref="Key"/>.</summary>
/// <remarks>No call and no record carries a key, only its SHA-256: a key has 256 random bits, so nothing of it can be guessed from that.</remarks>
[Alias("fedrec.access-keys")]
public interface IAccessKeysGrain : IGrainWithStringKey
{
    /// <summary>Key of the only grain.</summary>
    const string Key = "all";

    /// <summary>Keys that are remembered, with those that are revoked or expired; of these the oldest make room.</summary>
    const int Most = 1_000;

    /// <summary>Adds a key; with the same id and hash again, the same answer. Durable when it returns.</summary>
    /// <exception cref="ArgumentException">A value is out of range, the id is another key's, or there are <see cref="Most"/> that are good; nothing was changed.</exception>
    [Alias("add")]
    Task<AccessKeyRecord> AddAsync(AccessKeyTerms terms, CancellationToken cancellationToken = default);

    /// <summary>Ends a key for good; may be repeated. Durable when it returns.</summary>
    /// <returns>The key; null when there is none with that id.</returns>
    [Alias("revoke")]
    Task<AccessKeyRecord?> RevokeAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>All keys, oldest first, and those that were revoked or have expired too.</summary>
    [Alias("list")]
    Task<ImmutableArray<AccessKeyRecord>> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>Notes that keys were used today; unknown ones and those that are noted are passed over.</summary>
    [Alias("note-used")]
    Task NoteUsedAsync(ImmutableArray<string> ids, CancellationToken cancellationToken = default);
}

/// <summary>What somebody who has a key may do.</summary>
[GenerateSerializer, Alias("fedrec.access-role")]
public enum AccessRole
{
    /// <summary>See everything, users' lists among it, and change nothing.</summary>
    Viewer = 0,

    /// <summary>Ask for lists for its users, and record what they do; nothing else.</summary>
    App = 1,

    /// <summary>Everything.</summary>
    Operator = 2,
}

/// <summary>A key to be added.</summary>
/// <param name="Id">See <see cref="AccessKeyText"/>.</param>
/// <param name="Hash">SHA-256 of the key's text.</param>
/// <param name="Name">What it is called by, 1 to 100 characters.</param>
/// <param name="Role">What it is good for.</param>
/// <param name="Federation">The only federation that it is good for; null for all of them.</param>
/// <param name="ValidFor">How long it is good; more than nothing, at most ten years.</param>
[GenerateSerializer, Immutable, Alias("fedrec.access-key-terms")]
public sealed record AccessKeyTerms(
    [property: Id(0)] string Id,
    [property: Id(1)] ReadOnlyMemory<byte> Hash,
    [property: Id(2)] string Name,
    [property: Id(3)] AccessRole Role,
    [property: Id(4)] string? Federation,
    [property: Id(5)] TimeSpan ValidFor);

/// <summary>A key as it is remembered.</summary>
/// <param name="Id">Its id, which is the readable part of its text.</param>
/// <param name="Hash">SHA-256 of its text.</param>
/// <param name="Name">What it is called by.</param>
/// <param name="Role">What it is good for.</param>
/// <param name="Federation">The only federation that it is good for; null for all of them.</param>
/// <param name="Created">When it was added.</param>
/// <param name="Expires">When it ends by itself.</param>
[GenerateSerializer, Immutable, Alias("fedrec.access-key")]
public sealed record AccessKeyRecord(
    [property: Id(0)] string Id,
    [property: Id(1)] ReadOnlyMemory<byte> Hash,
    [property: Id(2)] string Name,
    [property: Id(3)] AccessRole Role,
    [property: Id(4)] string? Federation,
    [property: Id(5)] DateTimeOffset Created,
    [property: Id(6)] DateTimeOffset Expires)
{
    /// <summary>Day on which it was used last; null for never.</summary>
    [Id(7)] public DateOnly? LastUsed { get; init; }

    /// <summary>When it was revoked; null for a key that was not.</summary>
    [Id(8)] public DateTimeOffset? Revoked { get; init; }

    /// <summary>Whether it is good at a time.</summary>
    public bool IsGood(DateTimeOffset now) => Revoked is null && now < Expires;
}
