using System.Security.Cryptography;

namespace FedRec.Contracts.RemoteParties;

/// <summary>An invitation as the coordinator keeps it: of the code it has the hash only.</summary>
/// <param name="Name">What the party is called.</param>
/// <param name="HasManyUsers">Whether it keeps the data of many users, or is one.</param>
/// <param name="Labels">What it is labelled with, separated by commas; empty for nothing.</param>
/// <param name="SecretSha256">SHA-256 of the secret in the code, in hexadecimal.</param>
/// <param name="Until">When it ends.</param>
/// <param name="Server">Id of the coordinator.</param>
[GenerateSerializer, Immutable, Alias("fedrec.party-invitation")]
public sealed record PartyInvitation(
    [property: Id(0)] string Name,
    [property: Id(1)] bool HasManyUsers,
    [property: Id(2)] string Labels,
    [property: Id(3)] string SecretSha256,
    [property: Id(4)] DateTimeOffset Until,
    [property: Id(5)] string Server);

/// <summary>What somebody who has an invitation shows.</summary>
/// <param name="Secret">The secret in the code.</param>
/// <param name="PublicKey">The key of the party: P-256, SubjectPublicKeyInfo.</param>
/// <param name="Proof">Signature with the private key over <see cref="PartyStatements.OfJoin"/>.</param>
[GenerateSerializer, Immutable, Alias("fedrec.party-join")]
public sealed record PartyJoin(
    [property: Id(0)] ReadOnlyMemory<byte> Secret,
    [property: Id(1)] ReadOnlyMemory<byte> PublicKey,
    [property: Id(2)] ReadOnlyMemory<byte> Proof);

/// <summary>What became of joining.</summary>
[GenerateSerializer, Alias("fedrec.party-join-outcome")]
public enum PartyJoinOutcome
{
    /// <summary>The key is taken down, now or before.</summary>
    Pending = 0,

    /// <summary>There is no such invitation, or the secret is another one.</summary>
    NotInvited = 1,

    /// <summary>The invitation has ended.</summary>
    Expired = 2,

    /// <summary>Somebody has joined with another key: a code is good once.</summary>
    Used = 3,

    /// <summary>The key is no P-256 key, or the proof is not its signature.</summary>
    NotProven = 4,
}

/// <summary>Another key for a party.</summary>
/// <param name="PublicKey">The new key: P-256, SubjectPublicKeyInfo.</param>
/// <param name="Signature">By the key that the party has now, over <see cref="PartyStatements.OfRotation"/>: that it is the party's wish.</param>
/// <param name="Proof">By the new key, over the same: that the party has it.</param>
[GenerateSerializer, Immutable, Alias("fedrec.party-rotation")]
public sealed record PartyRotation(
    [property: Id(0)] ReadOnlyMemory<byte> PublicKey,
    [property: Id(1)] ReadOnlyMemory<byte> Signature,
    [property: Id(2)] ReadOnlyMemory<byte> Proof);

/// <summary>What became of changing a key.</summary>
[GenerateSerializer, Alias("fedrec.party-rotation-outcome")]
public enum PartyRotationOutcome
{
    /// <summary>The party has the new key, now or before.</summary>
    Rotated = 0,

    /// <summary>The new key is no P-256 key, or one of the signatures is not of these two keys.</summary>
    NotProven = 1,
}

/// <summary>That the coordinator of a federation is at another address, in its own words.</summary>
/// <param name="Url">Where it is.</param>
/// <param name="Pin">SHA-256 of the public key of the certificate there, in hexadecimal; empty for one that everybody trusts.</param>
/// <param name="Number">Counts notices, from 1: an older one is not followed.</param>
/// <param name="Signature">By the key of the coordinator that the invitation named, over <see cref="PartyStatements.OfMove"/>.</param>
[GenerateSerializer, Immutable, Alias("fedrec.party-move")]
public sealed record PartyMove(
    [property: Id(0)] string Url,
    [property: Id(1)] string Pin,
    [property: Id(2)] long Number,
    [property: Id(3)] ReadOnlyMemory<byte> Signature);

/// <summary>By what requests of a party are known.</summary>
/// <param name="Server">Id of the coordinator of the federation, which tokens are meant for.</param>
/// <param name="PublicKey">P-256, SubjectPublicKeyInfo.</param>
/// <param name="Nonce">What a token must repeat: it is another one after each restart, so that a token is good once and no list of used ones has to be stored.</param>
/// <param name="EarlierKey">The key before, while it is good too; empty otherwise.</param>
/// <param name="Moved">Where the coordinator is now; null for where it was.</param>
[GenerateSerializer, Immutable, Alias("fedrec.party-credential")]
public sealed record PartyCredential(
    [property: Id(0)] string Server,
    [property: Id(1)] ReadOnlyMemory<byte> PublicKey,
    [property: Id(2)] string Nonce,
    [property: Id(3)] ReadOnlyMemory<byte> EarlierKey,
    [property: Id(4)] PartyMove? Moved);

/// <summary>A token whose signature, audience and times were checked.</summary>
/// <param name="Id">Its one-time id.</param>
/// <param name="Nonce">The nonce that it repeats.</param>
/// <param name="Expires">When it ends.</param>
/// <param name="Copy">Which copy of the party asks; empty where it does not say.</param>
[GenerateSerializer, Immutable, Alias("fedrec.party-token")]
public sealed record PartyToken(
    [property: Id(0)] string Id,
    [property: Id(1)] string Nonce,
    [property: Id(2)] DateTimeOffset Expires,
    [property: Id(3)] string Copy);

/// <summary>Whether a request is let in.</summary>
[GenerateSerializer, Alias("fedrec.party-admission")]
public enum PartyAdmission
{
    /// <summary>It is.</summary>
    Admitted = 0,

    /// <summary>The token was used before.</summary>
    Replayed = 1,

    /// <summary>The token repeats a nonce of before.</summary>
    OldNonce = 2,

    /// <summary>The party has not been approved yet.</summary>
    Pending = 3,

    /// <summary>The party is suspended.</summary>
    Suspended = 4,

    /// <summary>The party was removed.</summary>
    Removed = 5,

    /// <summary>More tokens of the party are in use than are kept: it asks too often.</summary>
    TooMany = 6,

    /// <summary>Another copy of the party was heard of less than <see cref="PartyLimits.CopyPatience"/> ago.</summary>
    OtherCopy = 7,
}

/// <summary>How much a party holds: counts only. What it need not tell is null where its owner does not allow that it does.</summary>
/// <param name="Users">Number of users.</param>
/// <param name="SizeClass">As <see cref="Federations.ClientSize.SizeClass"/>.</param>
[GenerateSerializer, Immutable, Alias("fedrec.party-report")]
public sealed record PartyReport(
    [property: Id(0)] int Users,
    [property: Id(1)] byte SizeClass)
{
    /// <summary>Most items that a report may say.</summary>
    public const int MostItems = 1_000_000_000;

    /// <summary>How far ahead of the coordinator's clock a party's may be.</summary>
    public static readonly TimeSpan MostAhead = TimeSpan.FromDays(1);

    /// <summary>Items of its data that the catalogue has. Default: null, not told.</summary>
    [Id(2)] public int? MatchedItems { get; init; }

    /// <summary>Items of its data that the catalogue does not have, so that what was done with them is left out. Default: null, not told.</summary>
    [Id(3)] public int? UnmatchedItems { get; init; }

    /// <summary>When it read its data last, by its own clock. Default: null, not told.</summary>
    [Id(4)] public DateTimeOffset? ReadAt { get; init; }
}

/// <summary>A public key of a party.</summary>
public static class PartyKeys
{
    private const string Curve = "1.2.840.10045.3.1.7"; // P-256

    /// <summary>Reads a key.</summary>
    /// <param name="subjectPublicKeyInfo">P-256, SubjectPublicKeyInfo.</param>
    /// <returns>Null when it is none.</returns>
    public static ECDsa? TryRead(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out var read);
            if (read == subjectPublicKeyInfo.Length && key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == Curve)
            {
                return key;
            }
        }
        catch (CryptographicException)
        {
            // no key: as any other that does not fit
        }

        key.Dispose();
        return null;
    }

    /// <summary>Whether a statement was signed with a key: ECDSA with SHA-256, r and s of 32 bytes each.</summary>
    public static bool IsSigned(ReadOnlySpan<byte> subjectPublicKeyInfo, ReadOnlySpan<byte> statement, ReadOnlySpan<byte> signature)
    {
        using var key = TryRead(subjectPublicKeyInfo);
        return key is not null && key.VerifyData(statement, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    /// <summary>Whether two keys have the same public part.</summary>
    public static bool AreSame(ECDsa one, ECDsa other) => one.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(other.ExportSubjectPublicKeyInfo());

    /// <summary>Signs a statement.</summary>
    public static byte[] Sign(ECDsa key, ReadOnlySpan<byte> statement) => key.SignData(statement, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
}
