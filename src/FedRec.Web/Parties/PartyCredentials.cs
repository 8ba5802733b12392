using System.Collections.Concurrent;
using FedRec.Contracts.RemoteParties;

namespace FedRec.Web.Parties;

/// <summary>By what parties are known, as their twins have said last: so that a request asks its twin once, whether it is let in.</summary>
/// <remarks>What is kept may be of before. It is good for tokens that repeat its nonce, as long as the twin takes that nonce: with another key, or another notice, it is another nonce.</remarks>
internal sealed class PartyCredentials
{
    private const int Most = 4_096; // of the parties of all federations; the others are asked for each time
    private readonly ConcurrentDictionary<GrainId, PartyCredential> _known = new();

    /// <summary>What is kept of a party; null for nothing.</summary>
    public PartyCredential? Find(IPartyGrain party) => _known.GetValueOrDefault(party.GetGrainId());

    /// <summary>Asks the twin, and keeps what it says; null when nobody has joined.</summary>
    public async Task<PartyCredential?> AskAsync(IPartyGrain party, CancellationToken cancellationToken)
    {
        var credential = await party.GetCredentialAsync(cancellationToken);
        if (credential is null)
        {
            _known.TryRemove(party.GetGrainId(), out _);
        }
        else if (_known.Count < Most || _known.ContainsKey(party.GetGrainId()))
        {
            _known[party.GetGrainId()] = credential;
        }

        return credential;
    }
}
