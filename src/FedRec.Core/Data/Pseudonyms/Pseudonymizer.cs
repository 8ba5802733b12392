namespace FedRec.Core.Data.Pseudonyms;

/// <summary>Replaces ids by keyed hashes, so that parties can tell that they know the same people without telling who they are.</summary>
/// <remarks>The pseudonym is the first bits of HMAC-SHA256(key, id in UTF-8), in hexadecimal. It is as good a pseudonym as the key is a secret.
/// Ids are hashed as they are but for spaces around them: parties must agree on one form, such as a lower-case e-mail address. Among n people
/// the chance that any two share a pseudonym of b bits is about n²/2^(b+1): for a million people 3 in 10⁸ with 64 bits, and 1 in 10²⁷ with 128.
/// What a party finds among its own ids is counted; two people of different parties who share a pseudonym look like one person.</remarks>
/// <param name="key">The parties' secret.</param>
/// <param name="bits">Length of a pseudonym: a multiple of 4 from 4 to 256. Default: 128.</param>
public sealed class Pseudonymizer(SharedSecret key, int bits = Pseudonymizer.DefaultBits)
{
    /// <summary>Length of a pseudonym unless another is given: 128 bits.</summary>
    public const int DefaultBits = 128;

    /// <summary>The pseudonym of an id.</summary>
    public string Of(string id) => key.Hash(id.Trim(), bits);

    /// <summary>The pseudonyms of different ids, in their order.</summary>
    /// <returns>And how many of the ids share theirs with another; 0 when all are different.</returns>
    public (IReadOnlyList<string> Pseudonyms, int Colliding) Of(IReadOnlyList<string> ids)
    {
        var pseudonyms = ids.Select(Of).ToList();
        return (pseudonyms, pseudonyms.GroupBy(pseudonym => pseudonym, StringComparer.Ordinal).Where(group => group.Count() > 1).Sum(group => group.Count()));
    }
}
