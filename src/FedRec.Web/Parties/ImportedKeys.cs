using System.Collections.Concurrent;
using FedRec.Contracts.RemoteParties;
using Microsoft.IdentityModel.Tokens;

namespace FedRec.Web.Parties;

/// <summary>Public keys of parties, made ready for checking tokens: importing one, and making what checks with it, takes longer than a signature's check. One of each is kept, and lent to one request at a time.</summary>
internal sealed class ImportedKeys
{
    private const int Most = 4_096;
    private readonly ConcurrentDictionary<string, ECDsaSecurityKey> _idle = new(StringComparer.Ordinal);

    /// <summary>Does something with a key; null when it is none.</summary>
    /// <param name="subjectPublicKeyInfo">The key.</param>
    /// <param name="work">Must not keep it.</param>
    public async Task<T?> UseAsync<T>(ReadOnlyMemory<byte> subjectPublicKeyInfo, Func<ECDsaSecurityKey, Task<T>> work)
        where T : class
    {
        var name = Convert.ToBase64String(subjectPublicKeyInfo.Span);
        if (!_idle.TryRemove(name, out var key) && (key = TryRead(subjectPublicKeyInfo.Span)) is null)
        {
            return null;
        }

        var result = await work(key); // after a failure the key is not used again
        if (_idle.Count >= Most || !_idle.TryAdd(name, key))
        {
            key.ECDsa.Dispose();
        }

        return result;
    }

    private static ECDsaSecurityKey? TryRead(ReadOnlySpan<byte> subjectPublicKeyInfo) =>
        PartyKeys.TryRead(subjectPublicKeyInfo) is { } key ? new ECDsaSecurityKey(key) { CryptoProviderFactory = new OneProvider() } : null;

    // Keeps what checks with its one key: making it costs as much as a check. The library's own cache would run a task for each key.
    private sealed class OneProvider : CryptoProviderFactory
    {
        private SignatureProvider? _provider;

        public OneProvider() => CacheSignatureProviders = false;

        public override SignatureProvider CreateForVerifying(SecurityKey key, string algorithm) => _provider ??= base.CreateForVerifying(key, algorithm);

        public override void ReleaseSignatureProvider(SignatureProvider signatureProvider)
        {
            // it lives as long as its key
        }
    }
}
