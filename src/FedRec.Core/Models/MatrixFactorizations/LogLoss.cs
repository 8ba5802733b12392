using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace FedRec.Core.Models.MatrixFactorizations;

/// <summary>ln(1 + e⁻ᶻ) and its slope for sixteen margins z at a time.</summary>
internal static class LogLoss
{
    /// <summary>Works both out without overflow on either side.</summary>
    /// <returns>σ(−z), which is minus the slope, and ln(1 + e⁻ᶻ).</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<float> Error, Vector512<float> Loss) Of(Vector512<float> z)
    {
        var t = Vector512.Exp(-Vector512.Abs(z)); // at most 1
        var one = Vector512<float>.One;
        var numerator = Vector512.ConditionalSelect(Vector512.LessThanOrEqual(z, Vector512<float>.Zero), one, t);
        return (numerator / (one + t), Vector512.Max(-z, Vector512<float>.Zero) + Vector512.Log(one + t));
    }
}
