using FedRec.Core.Data;

namespace FedRec.Core.Learners.ShallowAutoencoders;

/// <summary>What the distance of two own items is measured in.</summary>
public enum KernelUnit
{
    /// <summary>Own items between them, whenever they were met.</summary>
    Items,

    /// <summary>Days between them.</summary>
    Days,
}

/// <summary>What a pair of a user's items counts: exp(−d/κ) for items at distance d, in whole units. Not thread-safe.</summary>
/// <remarks>Positive semi-definite, so that counts stay a matrix that can be solved for; and a sum per user, so that training stays one exact round.
/// A whole number of units adds up exactly, in any order.</remarks>
/// <param name="kappa">κ; 0 counts all pairs alike, as it is without an order.</param>
/// <param name="unit">What a pair without distance counts, a power of two.</param>
/// <param name="perDay">How many of what times count there are in a day, and then κ is in days; 0 where κ is in items.</param>
internal sealed class TimeKernel(double kappa, double unit, double perDay = 0)
{
    private float[] _values = []; // by half items of distance

    /// <summary>κ.</summary>
    public double Kappa => kappa;

    /// <summary>What a pair without distance counts.</summary>
    public float Unit => (float)unit;

    /// <summary>What an item counts with itself and with each that follows it in the history.</summary>
    /// <param name="history">The user's items.</param>
    /// <param name="item">The place of the item.</param>
    /// <param name="values">Receives a value for each item from <paramref name="item"/> on.</param>
    public void Row(UserHistory history, int item, Span<float> values)
    {
        if (kappa == 0 || (perDay > 0 ? history.Times.IsEmpty : history.Ages.IsEmpty))
        {
            values.Fill(Unit);
        }
        else if (perDay > 0)
        {
            var times = history.Times[item..];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = Value(Math.Abs((double)times[i] - times[0]) / perDay);
            }
        }
        else
        {
            var ages = history.Ages[item..];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = Known((int)(2 * Math.Abs(ages[i] - ages[0])));
            }
        }
    }

    private float Value(double distance) => (float)Math.Round(unit * Math.Exp(-distance / kappa));

    private float Known(int halves)
    {
        if (halves >= _values.Length)
        {
            var known = _values.Length;
            Array.Resize(ref _values, Math.Max(2 * known, halves + 1));
            for (var i = known; i < _values.Length; i++)
            {
                _values[i] = Value(i / 2.0);
            }
        }

        return _values[halves];
    }
}
