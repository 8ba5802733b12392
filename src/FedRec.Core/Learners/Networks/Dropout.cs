using System.Runtime.InteropServices;
using FedRec.Core.Randomness;
using static TorchSharp.torch;

namespace FedRec.Core.Learners.Networks;

/// <summary>Leaves values out at random and scales the others up, so that the expected value stays.</summary>
/// <remarks>Srivastava et al. 2014, JMLR 15. Masks come from the client's own draws: torch's generator is shared by the process,
/// and results would depend on who trains beside whom. Sixteen bits decide on a value, so the chance is exact to 1/65,536.</remarks>
internal sealed class Dropout(double chance, SeededRandom random)
{
    private readonly uint _threshold = (uint)Math.Round(chance * 65_536);
    private SeededRandom _random = random;

    /// <summary>The values that stay, scaled by 1 / (1 − chance).</summary>
    public Tensor Apply(Tensor values) => values * Mask(values.shape);

    /// <summary>A fresh mask of zeros and 1 / (1 − chance).</summary>
    internal Tensor Mask(long[] shape)
    {
        var mask = empty(shape);
        var target = MemoryMarshal.Cast<byte, float>(mask.bytes);
        var kept = 65_536f / (65_536 - _threshold);
        for (var i = 0; i < target.Length; i += 4)
        {
            var bits = _random.NextUInt64();
            for (var j = i; j < Math.Min(i + 4, target.Length); j++, bits >>= 16)
            {
                target[j] = (bits & 0xFFFF) < _threshold ? 0 : kept;
            }
        }

        return mask;
    }
}
