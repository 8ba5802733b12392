using System.Globalization;

namespace FedRec.Core.Data.Cleaning;

/// <summary>Rows that cleaning removed, by reason; of all parties together.</summary>
/// <param name="Duplicates">Repeated events.</param>
/// <param name="Bots">Rows of users taken for bots.</param>
/// <param name="Outliers">Rows with an impossible rating or time.</param>
public sealed record RemovedRows(long Duplicates, long Bots, long Outliers)
{
    /// <summary>The sum with the rows of another party.</summary>
    internal RemovedRows Plus(RemovedRows other) => new(Duplicates + other.Duplicates, Bots + other.Bots, Outliers + other.Outliers);

    /// <summary>In words.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"cleaning removed {Duplicates:N0} repeated events, {Bots:N0} rows of bots and {Outliers:N0} outliers");
}
