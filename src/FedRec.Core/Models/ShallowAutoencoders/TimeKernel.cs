using FedRec.Core.Data;

namespace FedRec.Core.Models.ShallowAutoencoders;

/// <summary>What a pair of a user's items counts: exp(−|a − b|/κ) for items of ages a and b, in whole units. Not thread-safe.</summary>
/// <remarks>Positive semi-definite, so that counts stay a matrix that can be solved for; and a sum per user, so that training stays one exact round.
/// A whole number of units adds up exactly, in any order.</remarks>
/// <param name="kappa">κ in items; 0 counts all pairs alike, as it is without an order.</param>
/// <param name="unit">What a pair without distance counts, a power of two.</param>
internal sealed class TimeKernel(double kappa, double unit)
{
    private float[] _values = []; // by half items of distance

    /// <summary>κ.</summary>
    public double Kappa => kappa;

    /// <summary>What a pair without distance counts.</summary>
    public float Unit => (float)unit;

    /// <summary>Whether all pairs of a history count alike.</summary>
    public bool IsFlat(UserHistory history) => kappa == 0 || history.Ages.IsEmpty;

    /// <summary>What a pair counts.</summary>
    public float Value(float age, float other)
    {
        var distance = (int)(2 * Math.Abs(age - other));
        if (distance >= _values.Length)
        {
            var known = _values.Length;
            Array.Resize(ref _values, Math.Max(2 * known, distance + 1));
            for (var i = known; i < _values.Length; i++)
            {
                _values[i] = (float)Math.Round(unit * Math.Exp(-i / (2 * kappa)));
            }
        }

        return _values[distance];
    }
}
