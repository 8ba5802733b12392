using System.Numerics;

namespace FedRec.Grains.Parties;

/// <summary>How much a client holds, roughly; see <see cref="Contracts.Federations.ClientSize.SizeClass"/>.</summary>
internal static class SizeClass
{
    /// <summary>The class of a number of interactions.</summary>
    public static byte Of(int changes) => (byte)(changes == 0 ? 0 : BitOperations.Log2((uint)changes) + 1);

    /// <summary>The most that a client of a class holds.</summary>
    public static int Most(byte sizeClass) => (int)((1L << sizeClass) - 1);
}
