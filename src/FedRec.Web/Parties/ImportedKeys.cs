using System.Collections.Concurrent;
using System.Security.Cryptography;
using FedRec.Contracts.RemoteParties;

namespace FedRec.Web.Parties;

/// <summary>Public keys of parties, made ready for checking: importing one takes longer than a signature's check. One of each is kept, and lent to one request at a time.</summary>
internal sealed class ImportedKeys
{
    private const int Most = 4_096;
    private readonly ConcurrentDictionary<string, ECDsa> _idle = new(StringComparer.Ordinal);

    /// <summary>Does something with a key; null when it is none.</summary>
    /// <param name="subjectPublicKeyInfo">The key.</param>
    /// <param name="work">Must not keep it.</param>
    public async Task<T?> UseAsync<T>(ReadOnlyMemory<byte> subjectPublicKeyInfo, Func<ECDsa, Task<T>> work)
        where T : class
    {
        var name = Convert.ToBase64String(subjectPublicKeyInfo.Span);
        if (!_idle.TryRemove(name, out var key) && (key = PartyKeys.TryRead(subjectPublicKeyInfo.Span)) is null)
        {
            return null;
        }

        var result = await work(key); // after a failure the key is not used again
        if (_idle.Count >= Most || !_idle.TryAdd(name, key))
        {
            key.Dispose();
        }

        return result;
    }
}
