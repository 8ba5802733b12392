using FedRec.Core.Data;
using FedRec.Core.Evaluation.Baselines;

namespace FedRec.Core.Evaluation;

/// <summary>How often each item occurs in training. Immutable.</summary>
public sealed class ItemPopularity
{
    private readonly int[] _counts;
    private readonly double[] _information;
    private readonly int _users;

    private ItemPopularity(int[] counts, int users)
    {
        (_counts, _users) = (counts, users);
        _information = [.. counts.Select(count => -Math.Log2((count + 1.0) / (users + 1.0)))];
    }

    /// <summary>Counts the training interactions.</summary>
    public static ItemPopularity Of(UserItems train, int items) => new(Transposed.CountItems(train, items), train.UserCount);

    /// <summary>Users that have met the item in training.</summary>
    public int Count(int item) => _counts[item];

    /// <summary>The share of all users that have met the item in training, in [0, 1].</summary>
    public double Share(int item) => (double)_counts[item] / _users;

    /// <summary>Self-information in bits: −log₂ of the share, where one further user who has met everything keeps it finite.
    /// 0 for an item that everybody knows.</summary>
    public double Information(int item) => _information[item];
}
