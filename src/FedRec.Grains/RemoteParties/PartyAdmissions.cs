using System.Security.Cryptography;
using System.Text;
using FedRec.Contracts.RemoteParties;

namespace FedRec.Grains.RemoteParties;

/// <summary>Lets requests of a party in: each token once, and one copy of the party at a time.</summary>
/// <remarks>Kept in memory only: a token repeats a nonce that is made from a secret of this object, so that after a restart, or on another silo, none of before is good any more.
/// The same idea as the server's nonces of RFC 9449 (DPoP), section 8.</remarks>
internal sealed class PartyAdmissions(TimeProvider time)
{
    /// <summary>Tokens that are remembered at once: those of six minutes, as often as a front end answers a party.</summary>
    public const int Most = 16_384;

    private readonly Dictionary<string, DateTimeOffset> _used = new(StringComparer.Ordinal);
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    private DateTimeOffset _cleanAt = DateTimeOffset.MinValue;
    private string _copy = "";

    /// <summary>What tokens must repeat that are checked with a credential: another one for each credential, so that whoever keeps one learns that it is of before.</summary>
    /// <param name="credential">Its nonce does not matter.</param>
    public string NonceOf(PartyCredential credential)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _secret);
        hash.AppendData(credential.PublicKey.Span); // as long as any other
        hash.AppendData(credential.EarlierKey.Span); // the same, or nothing
        hash.AppendData(BitConverter.GetBytes(credential.Moved?.Number ?? 0));
        hash.AppendData(Encoding.UTF8.GetBytes(credential.Server));
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    /// <summary>When the party was last let in; null for not yet.</summary>
    public DateTimeOffset? LastSeen { get; private set; }

    /// <summary>Uses a token up.</summary>
    /// <param name="token">What it says.</param>
    /// <param name="nonce">That of the credential by which the party is known now; null where it is not.</param>
    /// <param name="standing">What the party may do.</param>
    /// <returns>What is wrong with it; admitted for nothing.</returns>
    public PartyAdmission Use(PartyToken token, string? nonce, PartyStanding standing)
    {
        if (token.Nonce != nonce)
        {
            return PartyAdmission.OldNonce;
        }

        var now = time.GetUtcNow();
        if (now >= _cleanAt || _used.Count >= Most)
        {
            foreach (var (id, _) in _used.Where(used => used.Value < now - PartyLimits.ClockSkew).ToArray())
            {
                _used.Remove(id);
            }

            _cleanAt = now + PartyLimits.ClockSkew;
        }

        if (_used.Count >= Most || !_used.TryAdd(token.Id, token.Expires))
        {
            return _used.Count >= Most ? PartyAdmission.TooMany : PartyAdmission.Replayed;
        }

        if (token.Copy.Length > 0 && _copy.Length > 0 && token.Copy != _copy && now - LastSeen < PartyLimits.CopyPatience)
        {
            return PartyAdmission.OtherCopy; // the first one goes on
        }

        (_copy, LastSeen) = (token.Copy, now);
        return standing switch
        {
            PartyStanding.Active => PartyAdmission.Admitted,
            PartyStanding.Suspended => PartyAdmission.Suspended,
            PartyStanding.Removed => PartyAdmission.Removed,
            _ => PartyAdmission.Pending,
        };
    }
}
