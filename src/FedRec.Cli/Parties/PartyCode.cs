using System.Buffers.Text;
using System.Net;
using System.Text.Json;
using FedRec.Contracts.RemoteParties;

namespace FedRec.Cli.Parties;

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
internal sealed record PartyCode(Uri Url, string Pin, string Federation, string Server, string Party, string Name, bool HasManyUsers, byte[] Secret, DateTimeOffset Until, byte[] ServerKey, long Moves)
{
    private const string Prefix = "fedrec-party-1-";

    /// <summary>The code as it is handed over.</summary>
    public string Write() => Prefix + Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web));

    /// <summary>Reads a code.</summary>
    /// <exception cref="CliException">It is none, or leads to another machine without encryption.</exception>
    public static PartyCode Read(string text)
    {
        try
        {
            var bytes = text.Trim().StartsWith(Prefix, StringComparison.Ordinal) ? Base64Url.DecodeFromChars(text.Trim().AsSpan(Prefix.Length)) : throw new FormatException();
            var code = JsonSerializer.Deserialize<PartyCode>(bytes, s_strict)!;
            RequireSafe(code.Url);
            return code;
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            throw new CliException(ExitCode.Usage, "This is no code of an invitation, or a part of it is missing.", $"It begins with {Prefix} and is one word; copy all of it.", exception);
        }
    }

    /// <summary>The same with the coordinator where a notice of it says; null where the notice is not its own, or not newer.</summary>
    /// <param name="notice">As it was handed over.</param>
    public PartyCode? After(string notice) => PartyMoves.TryRead(notice) is { } move && PartyMoves.IsNext(move, Federation, Server, ServerKey, Moves) && new Uri(move.Url) is var url && IsSafe(url)
        ? this with { Url = url, Pin = move.Pin, Moves = move.Number } : null;

    private static bool IsSafe(Uri url)
    {
        var isLoopback = url.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(url.DnsSafeHost, out var address) && IPAddress.IsLoopback(address));
        return url is { IsAbsoluteUri: true, Scheme: "https" or "http", Query: "", Fragment: "", UserInfo: "" } && (url.Scheme == "https" || isLoopback);
    }

    /// <exception cref="CliException">The address is no web address, or leads to another machine without encryption.</exception>
    public static void RequireSafe(Uri url)
    {
        if (!IsSafe(url))
        {
            throw new CliException(ExitCode.Usage, $"The coordinator's address is {url}; parties go to other machines by https only.", "Set FedRec:Web:PartyPort where 'fedrec serve' runs, or put a proxy with TLS in front and give --url https://….");
        }
    }

    private static readonly JsonSerializerOptions s_strict = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };
}
