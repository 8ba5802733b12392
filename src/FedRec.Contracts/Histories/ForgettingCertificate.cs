using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedRec.Contracts.RemoteParties;

namespace FedRec.Contracts.Histories;

/// <summary>What was done when a user was forgotten and what was not, signed with the federation's server key. Holds nothing of what was removed, and no id of the user.</summary>
/// <remarks>When, what was removed and which runs had counted the user never change. When the fate of a version does, or the first version without the user is there,
/// the next edition says so.</remarks>
[GenerateSerializer, Immutable, Alias("fedrec.forgetting-certificate")]
public sealed record ForgettingCertificate
{
    private static readonly JsonSerializerOptions s_file = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, // what is not known here is not signed
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The federation.</summary>
    [Id(0)] public string Federation { get; init; } = "";

    /// <summary>Id of its coordinator.</summary>
    [Id(1)] public string Server { get; init; } = "";

    /// <summary>The user: HMAC-SHA-256 of the id under the federation's key, which never leaves its silos; 64 hexadecimal digits.</summary>
    [Id(2)] public string Subject { get; init; } = "";

    /// <summary>Counts what was certified of the user, from 1.</summary>
    [Id(3)] public int Edition { get; init; }

    /// <summary>By when everything that is removed here was.</summary>
    [Id(4)] public DateTimeOffset ForgottenAt { get; init; }

    /// <summary>When this edition was signed.</summary>
    [Id(5)] public DateTimeOffset IssuedAt { get; init; }

    /// <summary>Runs after this number, up to <see cref="CountedLast"/>, may have counted the user; equal to it when none has.</summary>
    [Id(6)] public int CountedAfter { get; init; }

    /// <summary>Number of the last run that began before the user was forgotten.</summary>
    [Id(7)] public int CountedLast { get; init; }

    /// <summary>Recorded interactions that were erased; null where that is not known any more.</summary>
    [Id(8)] public int? Interactions { get; init; }

    /// <summary>Kept states of the user's client that were erased, such as control variates: with those of all users of a client that has many.</summary>
    [Id(9)] public int KeptStates { get; init; }

    /// <summary>Whether versions that counted the user are retired: their parameters are deleted, that of the version in use and of the newest once another one is in their place.</summary>
    [Id(10)] public bool Retires { get; init; }

    /// <summary>Versions that may have counted the user and were stored when the user was forgotten, or were published by a run that had begun; oldest first.</summary>
    [Id(11)] public ImmutableArray<CountingVersion> Versions { get; init; } = [];

    /// <summary>A version of a run that began afterwards; null as long as there is none.</summary>
    [Id(12)] public VersionWithout? Without { get; init; }

    /// <summary>Where data of the user may remain, for people, a place for each line.</summary>
    [Id(13)] public ImmutableArray<string> Remains { get; init; } = [];

    /// <summary>The server key of the federation: P-256, SubjectPublicKeyInfo, in base 64.</summary>
    [Id(14)] public string PublicKey { get; init; } = "";

    /// <summary>ECDSA with SHA-256 over <see cref="Statement"/>, r and s of 32 bytes each, in base 64.</summary>
    [Id(15)] public string Signature { get; init; } = "";

    /// <summary>What is signed: each member by its name on a line of its own, ended by a line feed, in UTF-8. Times are UTC with seven digits of a second.</summary>
    /// <exception cref="ArgumentException">A value has more than one line.</exception>
    public byte[] Statement()
    {
        string[] lines =
        [
            "fedrec-forgetting-v1", $"federation {Federation}", $"server {Server}", $"subject {Subject}", $"edition {Number(Edition)}", $"forgotten {Time(ForgottenAt)}", $"issued {Time(IssuedAt)}",
            $"counted-after {Number(CountedAfter)}", $"counted-last {Number(CountedLast)}", $"interactions {(Interactions is { } count ? Number(count) : "unknown")}", $"kept-states {Number(KeptStates)}",
            $"retires {(Retires ? "yes" : "no")}", .. Versions.Select(version => $"version {Number(version.Version)} {version.RunId} {version.Sha256} {version.Fate}"),
            Without is { } without ? $"without {Number(without.Version)} {without.RunId} {without.Sha256} {without.Learner} {without.How}" : "without none", .. Remains.Select(place => $"remains {place}"),
        ];
        return Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line.Contains('\n', StringComparison.Ordinal) ? throw new ArgumentException($"'{line}' has more than one line.") : line + "\n")));
    }

    /// <summary>The same, signed.</summary>
    /// <param name="server">Id of the coordinator.</param>
    /// <param name="key">Its key in the federation.</param>
    public ForgettingCertificate SignedBy(string server, ECDsa key)
    {
        var named = this with { Server = server, PublicKey = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()) };
        return named with { Signature = Convert.ToBase64String(PartyKeys.Sign(key, named.Statement())) };
    }

    /// <summary>SHA-256 of <see cref="PublicKey"/>, in hexadecimal; empty where that is no base 64.</summary>
    public string KeySha256() => TryBytes(PublicKey) is { } key ? PartyStatements.Sha256(key) : "";

    /// <summary>Whether it was signed with the key that it names; whose key that is, <see cref="KeySha256"/> has to be compared for.</summary>
    public bool IsSigned() => TryBytes(PublicKey) is { } key && TryBytes(Signature) is { } signature && PartyKeys.IsSigned(key, Statement(), signature);

    /// <summary>The certificate as a file: JSON.</summary>
    public string Write() => JsonSerializer.Serialize(this, s_file) + "\n";

    /// <summary>Reads such a file; whether it was signed is not looked at.</summary>
    /// <returns>Null when it is none: no JSON, a member of another kind, or one that is not signed.</returns>
    public static ForgettingCertificate? TryRead(string text)
    {
        try
        {
            var read = JsonSerializer.Deserialize<ForgettingCertificate>(text, s_file);
            return read is { Versions.IsDefault: false, Remains.IsDefault: false } && !read.Versions.Contains(null!) && read.Statement().Length > 0 ? read : null;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            return null;
        }
    }

    private static byte[]? TryBytes(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var count) ? bytes[..count] : null;
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}

/// <summary>A version that may have counted a user who was forgotten later.</summary>
/// <param name="Version">Its number.</param>
/// <param name="RunId">The run that published it.</param>
/// <param name="Sha256">SHA-256 of its parameters.</param>
/// <param name="Fate">What becomes of it.</param>
[GenerateSerializer, Immutable, Alias("fedrec.counting-version")]
public sealed record CountingVersion(
    [property: Id(0)] long Version,
    [property: Id(1)] string RunId,
    [property: Id(2)] string Sha256,
    [property: Id(3)] VersionFate Fate);

/// <summary>What becomes of a version that counted a forgotten user.</summary>
[GenerateSerializer, Alias("fedrec.version-fate")]
public enum VersionFate
{
    /// <summary>It is kept as long as any other version: until retention drops it.</summary>
    UntilRetention = 0,

    /// <summary>It is in use or the newest: it is deleted once another one is in its place.</summary>
    UntilReplaced = 1,

    /// <summary>Somebody has pinned it: it is kept until it is unpinned.</summary>
    UntilUnpinned = 2,

    /// <summary>It is no longer stored.</summary>
    Deleted = 3,
}

/// <summary>A version that was trained after a user was forgotten.</summary>
/// <param name="Version">Its number.</param>
/// <param name="RunId">The run that published it.</param>
/// <param name="Sha256">SHA-256 of its parameters.</param>
/// <param name="Learner">The learner.</param>
/// <param name="How">In which way the user is out of it.</param>
[GenerateSerializer, Immutable, Alias("fedrec.version-without")]
public sealed record VersionWithout(
    [property: Id(0)] long Version,
    [property: Id(1)] string RunId,
    [property: Id(2)] string Sha256,
    [property: Id(3)] string Learner,
    [property: Id(4)] Unlearning How);

/// <summary>In which way a forgotten user is out of a version.</summary>
[GenerateSerializer, Alias("fedrec.unlearning")]
public enum Unlearning
{
    /// <summary>It was trained on from a version that may have counted the user, or goes back to one of which that is not known: it may still remember.</summary>
    Continued = 0,

    /// <summary>It was trained without the user, from parameters that never counted the user.</summary>
    Retrained = 1,

    /// <summary>What the user had added to sums was taken out of them exactly: it has the bytes of training afresh without the user.</summary>
    Subtracted = 2,
}
