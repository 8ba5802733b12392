using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace FedRec.Contracts.RemoteParties;

/// <summary>What parties sign: lines of text, each ended by a line feed, in UTF-8. The first line says what it is about, so that no signature is good for anything else.</summary>
/// <remarks>No value has a line feed: names and ids are letters, digits, dots, dashes and underscores, hashes are hexadecimal.</remarks>
public static class PartyStatements
{
    /// <summary>That whoever has the invitation also has the private key.</summary>
    /// <param name="federation">The federation.</param>
    /// <param name="server">Id of its coordinator.</param>
    /// <param name="party">Id of the party.</param>
    /// <param name="secret">The secret of the code.</param>
    /// <param name="publicKey">SubjectPublicKeyInfo.</param>
    public static byte[] OfJoin(string federation, string server, string party, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey) =>
        Lines("fedrec-party-join-v1", federation, server, party, Sha256(secret), Sha256(publicKey));

    /// <summary>That a party's key is another one from now on: signed with both.</summary>
    /// <param name="federation">The federation.</param>
    /// <param name="server">Id of its coordinator.</param>
    /// <param name="party">Id of the party.</param>
    /// <param name="from">SubjectPublicKeyInfo of the key that it has.</param>
    /// <param name="to">Of the new one.</param>
    public static byte[] OfRotation(string federation, string server, string party, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to) =>
        Lines("fedrec-party-key-v1", federation, server, party, Sha256(from), Sha256(to));

    /// <summary>That the coordinator of a federation is at another address: signed with its own key.</summary>
    /// <param name="federation">The federation.</param>
    /// <param name="server">Id of the coordinator.</param>
    /// <param name="move">The notice.</param>
    public static byte[] OfMove(string federation, string server, PartyMove move) => Lines("fedrec-party-move-v1", federation, server, move.Url, move.Pin, Number(move.Number));

    /// <summary>That an update is the party's answer to an order, and what it was made from.</summary>
    /// <param name="federation">The federation.</param>
    /// <param name="server">Id of its coordinator.</param>
    /// <param name="party">Id of the party.</param>
    /// <param name="order">The order, with hashes that the party has checked.</param>
    /// <param name="payloadSha256">SHA-256 of the update's bytes.</param>
    public static byte[] OfUpdate(string federation, string server, string party, PartyOrder order, string payloadSha256) =>
        OfUpdate(federation, server, party, SignedUpdate.Of(order, payloadSha256, default, default, default));

    /// <summary>The same, of an update that came with its signature.</summary>
    /// <param name="federation">The federation.</param>
    /// <param name="server">Id of its coordinator.</param>
    /// <param name="party">Id of the party.</param>
    /// <param name="update">The update; its key, signature and time do not matter.</param>
    public static byte[] OfUpdate(string federation, string server, string party, SignedUpdate update) => Lines(
        "fedrec-party-update-v1", federation, server, party, update.Update.Run, Number(update.Update.Round), Number(update.Client), Number(update.Update.Attempt), Number(update.BaseVersion),
        update.Phase, update.ModelSha256, update.CatalogueSha256, update.ConfigSha256, update.PayloadSha256);

    /// <summary>The audience of tokens.</summary>
    public static string Audience(string federation, string server) => $"fedrec-party-v1/{server}/{federation}";

    /// <summary>SHA-256 in lower-case hexadecimal.</summary>
    public static string Sha256(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static byte[] Lines(params string[] lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line.Contains('\n', StringComparison.Ordinal)
        ? throw new ArgumentException($"'{line}' has more than one line.", nameof(lines)) : line + "\n")));

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Limits of the protocol that both sides go by.</summary>
public static class PartyLimits
{
    /// <summary>The version of the protocol; it is in the address.</summary>
    public const int Version = 1;

    /// <summary>Longest life of a token.</summary>
    public static readonly TimeSpan TokenLife = TimeSpan.FromMinutes(5);

    /// <summary>How far the clocks of party and coordinator may be apart.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    /// <summary>How long a key is good after another one has taken its place.</summary>
    public static readonly TimeSpan KeyOverlap = TimeSpan.FromHours(1);

    /// <summary>How long a copy of a party is taken for being there after it was last heard of: longer than a poll.</summary>
    public static readonly TimeSpan CopyPatience = TimeSpan.FromMinutes(1);

    /// <summary>Longest wait for an order: proxies cut what is silent for longer.</summary>
    public static readonly TimeSpan PollWait = TimeSpan.FromSeconds(25);

    /// <summary>Bytes of a block in which content and updates travel between front end and silo.</summary>
    public const int BlockBytes = 1 << 20;

    /// <summary>Most bytes of an answer to a step of secure aggregation: with 10,000 clients a party has a share for each of 232 neighbours.</summary>
    public const int MostStepBytes = 256 << 10;

    /// <summary>Most bytes of the sums of an evaluation.</summary>
    public const int MostSumBytes = 32 << 20;
}
