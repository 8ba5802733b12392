using System.Security.Cryptography;
using FedRec.Contracts.RemoteParties;

namespace FedRec.Grains.RemoteParties;

/// <summary>Tokens of a party that were used, so that each is good once.</summary>
/// <remarks>Kept in memory only: a token repeats a nonce that is made with this object, so that after a restart, or on another silo, none of before is good any more.
/// The same idea as the server's nonces of RFC 9449 (DPoP), section 8.</remarks>
internal sealed class PartyTokens(TimeProvider time)
{
    /// <summary>Tokens that are remembered at once: five minutes of some thirteen in a second.</summary>
    public const int Most = 4_096;

    private readonly Dictionary<string, DateTimeOffset> _used = new(StringComparer.Ordinal);
    private DateTimeOffset _cleanAt = DateTimeOffset.MinValue;

    /// <summary>What tokens must repeat.</summary>
    public string Nonce { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Uses a token up.</summary>
    /// <returns>What is wrong with it; admitted for nothing.</returns>
    public PartyAdmission Use(PartyToken token)
    {
        if (token.Nonce != Nonce)
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

        return _used.Count >= Most ? PartyAdmission.TooMany : _used.TryAdd(token.Id, token.Expires) ? PartyAdmission.Admitted : PartyAdmission.Replayed;
    }
}
