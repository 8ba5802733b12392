using System.Buffers.Text;
using System.Net;
using System.Text.Json;

namespace FedRec.Contracts.RemoteParties;

/// <summary>What an invitation's code says: where the coordinator is, by what its certificate is known, and who is invited.</summary>
/// <param name="Url">Address of the coordinator.</param>
/// <param name="Pin">SHA-256 of the public key of its certificate, in hexadecimal; empty where the certificate is one that everybody trusts, or where it is this machine.</param>
/// <param name="Federation">The federation.</param>
/// <param name="Server">Id of the coordinator.</param>
/// <param name="Party">Id of the party.</param>
/// <param name="Name">What the party is called.</param>
/// <param name="HasManyUsers">Whether it keeps the data of many users, or is one.</param>
/// <param name="Secret">Good once.</param>
/// <param name="Until">When it ends.</param>
/// <param name="ServerKey">The coordinator's own key in this federation, by which its notices are known: P-256, SubjectPublicKeyInfo.</param>
/// <param name="Moves">Number of the last notice that it has moved; 0 for none.</param>
public sealed record PartyCode(Uri Url, string Pin, string Federation, string Server, string Party, string Name, bool HasManyUsers, byte[] Secret, DateTimeOffset Until, byte[] ServerKey, long Moves)
{
    /// <summary>Begins every code.</summary>
    public const string Prefix = "fedrec-party-1-";

    /// <summary>The code as it is handed over: one word.</summary>
    public string Write() => Prefix + Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web));

    /// <summary>Reads a code.</summary>
    /// <param name="text">As it was handed over; space around it is left out.</param>
    /// <returns>Null when it is none, or a part of it is missing. Whether its address may be gone to, <see cref="IsSafe"/> says.</returns>
    public static PartyCode? TryRead(string text)
    {
        try
        {
            return text.Trim().StartsWith(Prefix, StringComparison.Ordinal) ? JsonSerializer.Deserialize<PartyCode>(Base64Url.DecodeFromChars(text.Trim().AsSpan(Prefix.Length)), s_strict) : null;
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return null;
        }
    }

    /// <summary>The same with the coordinator where a notice of it says; null where the notice is not its own, or not newer.</summary>
    /// <param name="notice">As it was handed over.</param>
    public PartyCode? After(string notice) => PartyMoves.TryRead(notice) is { } move && PartyMoves.IsNext(move, Federation, Server, ServerKey, Moves) && new Uri(move.Url) is var url && IsSafe(url)
        ? this with { Url = url, Pin = move.Pin, Moves = move.Number } : null;

    /// <summary>Whether a party may go to an address: by https, or on its own machine.</summary>
    public static bool IsSafe(Uri url)
    {
        var isLoopback = url.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(url.DnsSafeHost, out var address) && IPAddress.IsLoopback(address));
        return url is { IsAbsoluteUri: true, Scheme: "https" or "http", Query: "", Fragment: "", UserInfo: "" } && (url.Scheme == "https" || isLoopback);
    }

    private static readonly JsonSerializerOptions s_strict = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };
}
