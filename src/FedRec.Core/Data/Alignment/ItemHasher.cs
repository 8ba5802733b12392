namespace FedRec.Core.Data.Alignment;

/// <summary>Turns the key of an item into a hash under a salt that all parties share and nobody else has.</summary>
/// <remarks>With 128 bits, among 10⁹ items the chance that any two share a hash is below 10⁻²⁰.</remarks>
/// <param name="salt">The parties' secret.</param>
/// <param name="bits">Bits of a hash that others see; tests take few, to force collisions. Default: 128.</param>
internal sealed class ItemHasher(SharedSecret salt, int bits = ItemHasher.DefaultBits)
{
    private const int DefaultBits = 128;

    /// <summary>The hash that other parties see.</summary>
    public string Hash(string key) => salt.Hash(key, bits);

    /// <summary>The id of an item that only one party has, which no other party's item can get.</summary>
    public string OwnHash(string party, string id) => salt.Hash($"own:{party.Length}:{party}:{id}", DefaultBits);
}
