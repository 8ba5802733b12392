namespace FedRec.Core.Data;

/// <summary>What may be recommended to whom and when. The same rules hold in evaluation and in serving.</summary>
/// <remarks>Immutable. The support of an item is a count over users: where the silos do not hold all data, it is summed as everything else is.</remarks>
public sealed class CandidateFilter
{
    private readonly bool[] _never;
    private readonly bool[] _isRare; // fewer users have met it than the minimum cohort
    private readonly IReadOnlyList<EligibilityRule> _rules;
    private readonly ItemLifetimes? _lifetimes;

    /// <summary>Makes the filter of a catalogue.</summary>
    /// <param name="itemCount">Items of the catalogue.</param>
    /// <param name="catalogue">Context items, eligibility rules, lifetimes and the minimum cohort.</param>
    /// <param name="support">Users that have each item in training; only read where there is a minimum cohort.</param>
    public CandidateFilter(int itemCount, ItemCatalogue catalogue, ReadOnlySpan<int> support)
    {
        (_never, _isRare, _rules, _lifetimes) = (new bool[itemCount], new bool[itemCount], catalogue.Eligibility, catalogue.Lifetimes);
        foreach (var item in catalogue.Context)
        {
            _never[item] = true;
        }

        for (var item = 0; item < itemCount && catalogue.MinimumCohort > 0; item++)
        {
            _isRare[item] = support[item] < catalogue.MinimumCohort;
            if (_isRare[item] && !_never[item])
            {
                _never[item] = true;
                BelowCohort++;
            }
        }
    }

    /// <summary>A filter that lets everything through.</summary>
    public static CandidateFilter None { get; } = new(0, ItemCatalogue.Empty, []);

    /// <summary>Items that are not recommended because too few users have them.</summary>
    public int BelowCohort { get; }

    /// <summary>The filter of a dataset.</summary>
    internal static CandidateFilter Of(UserItems train, ItemCatalogue catalogue)
    {
        var support = new int[catalogue.Titles.Count];
        for (var user = 0; user < train.UserCount; user++)
        {
            foreach (var item in train.Items(user))
            {
                support[item]++;
            }
        }

        return new CandidateFilter(support.Length, catalogue, support);
    }

    /// <summary>Takes out what may not be recommended, and favours what is recent where items have lifetimes.</summary>
    /// <param name="history">What the user has met; context items among it decide on eligibility.</param>
    /// <param name="at">The time of the request in seconds, or null for the newest time of the data.</param>
    /// <param name="scores">One per item; what may not be recommended becomes NaN.</param>
    /// <returns>Items taken out that were not NaN before.</returns>
    public int Apply(UserHistory history, long? at, Span<float> scores)
    {
        var removed = 0;
        for (var item = 0; item < _never.Length; item++)
        {
            removed += _never[item] ? Remove(item, scores) : 0;
        }

        foreach (var rule in _rules)
        {
            removed += rule.Allows(history.Items) ? 0 : Remove(rule.Item, scores);
        }

        return removed + (_lifetimes?.Apply(at, scores) ?? 0);
    }

    /// <summary>Whether fewer users have met an item than the minimum cohort, so that what is said of it would be said of them.</summary>
    public bool IsRare(int item) => _isRare[item];

    /// <summary>The rules about an item in words; null when there are none.</summary>
    public string? ConditionOf(int item)
    {
        var words = _rules.Where(rule => rule.Item == item).Select(rule => rule.Words).ToList();
        return words.Count == 0 ? null : string.Join("; ", words);
    }

    private static int Remove(int item, Span<float> scores)
    {
        var was = float.IsNaN(scores[item]) ? 0 : 1;
        scores[item] = float.NaN;
        return was;
    }
}

/// <summary>Who may be offered an item: a rule of the trade, applied before ranking.</summary>
/// <param name="Item">The item it is about.</param>
/// <param name="RequiresAny">Items, context items among them, of which the user must have one; empty for no such condition.</param>
/// <param name="Excludes">Items of which the user must have none.</param>
/// <param name="Words">The rule in words, for an audit: <c>only for holders of a car policy</c>.</param>
public sealed record EligibilityRule(int Item, IReadOnlyList<int> RequiresAny, IReadOnlyList<int> Excludes, string Words)
{
    /// <summary>Whether a user with these items may be offered the item.</summary>
    /// <param name="history">Ascending.</param>
    public bool Allows(ReadOnlySpan<int> history) => (RequiresAny.Count == 0 || HasAny(RequiresAny, history)) && !HasAny(Excludes, history);

    private static bool HasAny(IReadOnlyList<int> items, ReadOnlySpan<int> history)
    {
        foreach (var item in items)
        {
            if (history.BinarySearch(item) >= 0)
            {
                return true;
            }
        }

        return false;
    }
}
