using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using FedRec.Contracts.Histories;

namespace FedRec.Grains.Parties;

/// <summary>Gives users keys that say nothing of their ids to who has not the federation's key, HMAC-SHA-256 of the id, and seals what is stored of them.</summary>
/// <remarks>What a storage overwrites may stay on its disks for long: Azurite frees an extent when no blob at all is in it. Sealed, the rest says nothing by itself.
/// AES-256-GCM under a key of each user (HKDF of the federation's); nonce, tag and text one after the other.</remarks>
internal sealed class UserKey(ReadOnlyMemory<byte> key)
{
    private static readonly (int Nonce, int Tag) s_bytes = (AesGcm.NonceByteSizes.MaxSize, AesGcm.TagByteSizes.MaxSize);

    public string Of(string user) => Convert.ToHexStringLower(HMACSHA256.HashData(key.Span, MemoryMarshal.AsBytes(user.AsSpan())));

    /// <summary>The key of an organisation. One byte goes before the name, so that it is the hash of no user's id.</summary>
    public string OfOrganisation(string name) => OrganisationKey.Prefix + Convert.ToHexStringLower(HMACSHA256.HashData(key.Span, [1, .. MemoryMarshal.AsBytes(name.AsSpan())]));

    /// <summary>The key of a party that keeps its data in a process of its own; another byte goes before the name.</summary>
    public string OfRemote(string name) => RemoteKey.Prefix + Convert.ToHexStringLower(HMACSHA256.HashData(key.Span, [2, .. MemoryMarshal.AsBytes(name.AsSpan())]));

    /// <summary>Seals bytes of a user, given the user's key.</summary>
    public byte[] Seal(string user, ReadOnlySpan<byte> text)
    {
        using var cipher = CipherOf(user);
        var result = new byte[s_bytes.Nonce + s_bytes.Tag + text.Length];
        var nonce = result.AsSpan(0, s_bytes.Nonce);
        RandomNumberGenerator.Fill(nonce);
        cipher.Encrypt(nonce, text, result.AsSpan(s_bytes.Nonce + s_bytes.Tag), result.AsSpan(s_bytes.Nonce, s_bytes.Tag));
        return result;
    }

    /// <summary>Opens what was sealed.</summary>
    /// <exception cref="CryptographicException">It was changed, or is of another user or federation.</exception>
    public byte[] Open(string user, ReadOnlySpan<byte> sealedText)
    {
        using var cipher = CipherOf(user);
        var text = new byte[sealedText.Length - s_bytes.Nonce - s_bytes.Tag];
        cipher.Decrypt(sealedText[..s_bytes.Nonce], sealedText[(s_bytes.Nonce + s_bytes.Tag)..], sealedText.Slice(s_bytes.Nonce, s_bytes.Tag), text);
        return text;
    }

    private AesGcm CipherOf(string user) => new(HKDF.DeriveKey(HashAlgorithmName.SHA256, key.ToArray(), outputLength: 32, info: Encoding.ASCII.GetBytes(user)), s_bytes.Tag);
}

/// <summary>Which clients are organisations, and what their users are called.</summary>
internal static class OrganisationKey
{
    /// <summary>What the keys of organisations begin with; those of users have hexadecimal digits only.</summary>
    public const string Prefix = "org-";

    /// <summary>Whether a client's key is one of an organisation.</summary>
    public static bool Is(string client) => client.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>The organisation and its own id of a user, where an id may name both, such as <c>north/42</c>.</summary>
    public static (string Organisation, string User)? Split(string id) =>
        id.IndexOf('/', StringComparison.Ordinal) is > 0 and var end && end < id.Length - 1 ? (id[..end], id[(end + 1)..]) : null;
}

/// <summary>Which clients are parties with a process of their own.</summary>
internal static class RemoteKey
{
    /// <summary>What their keys begin with.</summary>
    public const string Prefix = "remote-";

    /// <summary>Whether a client's key is one of such a party.</summary>
    public static bool Is(string client) => client.StartsWith(Prefix, StringComparison.Ordinal);
}

/// <summary>The keys of federations, asked for once by each silo.</summary>
internal sealed class UserKeys(IGrainFactory grains)
{
    private readonly ConcurrentDictionary<string, UserKey> _keys = new(StringComparer.Ordinal);

    public async ValueTask<UserKey> GetAsync(string federation) => _keys.TryGetValue(federation, out var key)
        ? key
        : _keys.GetOrAdd(federation, new UserKey(await grains.GetGrain<IUserRegistryGrain>(federation).GetKeyAsync()));
}
