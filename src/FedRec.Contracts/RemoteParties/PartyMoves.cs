using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace FedRec.Contracts.RemoteParties;

/// <summary>Notices that the coordinator is at another address, as they are handed over: one word, which a header or a letter can carry.</summary>
public static class PartyMoves
{
    private const string Prefix = "fedrec-move-1-";
    private const int MostCharacters = 4_096;

    /// <summary>A notice as one word.</summary>
    public static string Write(PartyMove move) => Prefix + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(
        string.Join('\n', move.Number.ToString(CultureInfo.InvariantCulture), move.Url, move.Pin, Convert.ToBase64String(move.Signature.Span))));

    /// <summary>Reads a notice; whether it is the coordinator's is not looked at.</summary>
    /// <returns>Null when it is none.</returns>
    public static PartyMove? TryRead(string text)
    {
        var bytes = new byte[MostCharacters];
        return text.Length <= MostCharacters && text.StartsWith(Prefix, StringComparison.Ordinal)
            && Base64Url.IsValid(text.AsSpan(Prefix.Length)) && Base64Url.TryDecodeFromChars(text.AsSpan(Prefix.Length), bytes, out var count) // which throws where it is none
            && Encoding.UTF8.GetString(bytes, 0, count).Split('\n') is [var number, var url, var pin, var signature]
            && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var counted) && Uri.TryCreate(url, UriKind.Absolute, out _)
            && Convert.TryFromBase64String(signature, bytes, out var written) ? new PartyMove(url, pin, counted, bytes.AsMemory(0, written)) : null;
    }

    /// <summary>Whether a notice is the coordinator's, and newer than what the party goes by.</summary>
    /// <param name="move">The notice.</param>
    /// <param name="federation">The federation.</param>
    /// <param name="server">Id of the coordinator.</param>
    /// <param name="serverKey">Its key, as the invitation named it: SubjectPublicKeyInfo.</param>
    /// <param name="after">Number of the last notice that was followed, or that was there when the party was invited.</param>
    public static bool IsNext(PartyMove move, string federation, string server, ReadOnlySpan<byte> serverKey, long after) =>
        move.Number > after && PartyKeys.IsSigned(serverKey, PartyStatements.OfMove(federation, server, move), move.Signature.Span);
}
