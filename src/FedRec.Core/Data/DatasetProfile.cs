using FedRec.Core.Data.Reports;
using FedRec.Core.Data.Times;

namespace FedRec.Core.Data;

/// <summary>What a person wants to know of a dataset before training on it.</summary>
public sealed record DatasetProfile
{
    /// <summary>Short name.</summary>
    public required string Name { get; init; }

    /// <summary>Users with at least one interaction.</summary>
    public required int Users { get; init; }

    /// <summary>Items with at least one interaction.</summary>
    public required int Items { get; init; }

    /// <summary>Different pairs of user and item, of all splits.</summary>
    public required int Interactions { get; init; }

    /// <summary>Share of all pairs of user and item that are interactions, in [0, 1].</summary>
    public required double Density { get; init; }

    /// <summary>Interactions for training.</summary>
    public required int Train { get; init; }

    /// <summary>Interactions held out for validation.</summary>
    public required int Validation { get; init; }

    /// <summary>Interactions held out for testing.</summary>
    public required int Test { get; init; }

    /// <summary>How the split was made.</summary>
    public required string Protocol { get; init; }

    /// <summary>Interactions of a user.</summary>
    public required CountSummary PerUser { get; init; }

    /// <summary>Interactions of an item.</summary>
    public required CountSummary PerItem { get; init; }

    /// <summary>Gini coefficient of item popularity: 0 when all items are equally popular, near 1 when one has it all.</summary>
    public required double PopularityGini { get; init; }

    /// <summary>Share of the interactions that the most popular tenth of the items has, in [0, 1].</summary>
    public required double TopTenthShare { get; init; }

    /// <summary>Whether the rows carry ratings.</summary>
    public required bool HasRatings { get; init; }

    /// <summary>The first interaction; null without times, or when they only say an order.</summary>
    public DateTimeOffset? First { get; init; }

    /// <summary>The last interaction; see <see cref="First"/>.</summary>
    public DateTimeOffset? Last { get; init; }

    /// <summary>People whose id more than one party has; null when the data names no parties.</summary>
    public int? SharedPeople { get; init; }

    /// <summary>What is known of users beside their items, such as <c>age</c>.</summary>
    public IReadOnlyList<string> UserFeatures { get; init; } = [];

    /// <summary>Rows read, merged and refused, and events of each kind.</summary>
    public required LoadReport Report { get; init; }

    /// <summary>What the parties may tell each other of their data; null when there are none. Default: null.</summary>
    public DataReport? Parties { get; init; }

    /// <summary>Looks through a dataset.</summary>
    public static DatasetProfile Of(Dataset dataset)
    {
        UserItems[] splits = [.. dataset.Splits];
        var (perUser, perItem) = Count(dataset, splits);
        var (first, last) = TimeRange(splits, dataset.TimeUnit);
        var interactions = splits.Sum(s => s.Count);
        return new DatasetProfile
        {
            Name = dataset.Name,
            Users = perUser.Length,
            Items = perItem.Length,
            Interactions = interactions,
            Density = interactions / ((double)perUser.Length * perItem.Length),
            Train = dataset.Train.Count,
            Validation = dataset.Validation.Count,
            Test = dataset.Test.Count,
            Protocol = dataset.Protocol,
            PerUser = CountSummary.Of(perUser),
            PerItem = CountSummary.Of(perItem),
            PopularityGini = Concentration.Gini(perItem),
            TopTenthShare = Concentration.TopTenthShare(perItem),
            HasRatings = splits.Any(s => s.HasRatings),
            First = first,
            Last = last,
            SharedPeople = CountShared(dataset),
            UserFeatures = [.. dataset.Train.Features?.Schema.Columns.Select(column => column.Name) ?? []],
            Report = dataset.Report,
        };
    }

    // A user of a party is named party/person.
    private static int? CountShared(Dataset dataset) => dataset.Parties is not { } parties ? null
        : Enumerable.Range(0, dataset.Users.Count)
            .Select(user => dataset.Users[user] is var id && $"{parties.Names[parties.Of(user)]}/" is var prefix && id.StartsWith(prefix, StringComparison.Ordinal) ? id[prefix.Length..] : id)
            .GroupBy(person => person, StringComparer.Ordinal).Count(users => users.Skip(1).Any());

    private static (int[] PerUser, int[] PerItem) Count(Dataset dataset, UserItems[] splits)
    {
        var (perUser, perItem) = (new int[dataset.Users.Count], new int[dataset.Items.Count]);
        foreach (var split in splits)
        {
            for (var user = 0; user < perUser.Length; user++)
            {
                perUser[user] += split.Items(user).Length;
                foreach (var item in split.Items(user))
                {
                    perItem[item]++;
                }
            }
        }

        Array.Sort(perUser);
        Array.Sort(perItem);
        return (perUser, perItem);
    }

    private static (DateTimeOffset? First, DateTimeOffset? Last) TimeRange(UserItems[] splits, TimeUnit unit)
    {
        var (first, last) = (long.MaxValue, long.MinValue);
        foreach (var split in splits)
        {
            for (var user = 0; user < split.UserCount; user++)
            {
                foreach (var time in split.Timestamps(user))
                {
                    (first, last) = (Math.Min(first, time), Math.Max(last, time));
                }
            }
        }

        (first, last) = first > last ? (first, last) : (unit.ToSeconds(first), unit.ToSeconds(last));
        return first >= DateTimeOffset.MinValue.ToUnixTimeSeconds() && last >= TimeColumn.Earliest && last <= DateTimeOffset.MaxValue.ToUnixTimeSeconds() && first <= last
            ? (DateTimeOffset.FromUnixTimeSeconds(first), DateTimeOffset.FromUnixTimeSeconds(last))
            : (null, null);
    }
}

/// <summary>How many interactions each user (or item) has.</summary>
/// <param name="Min">Fewest.</param>
/// <param name="Median">Half have at most this many.</param>
/// <param name="P90">Nine in ten have at most this many.</param>
/// <param name="Max">Most.</param>
public sealed record CountSummary(int Min, int Median, int P90, int Max)
{
    internal static CountSummary Of(int[] sorted) =>
        new(sorted[0], Quantile(sorted, 0.5), Quantile(sorted, 0.9), sorted[^1]);

    /// <summary>The smallest count that at least this share does not exceed.</summary>
    private static int Quantile(int[] sorted, double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
}

/// <summary>How unevenly interactions are spread over items.</summary>
internal static class Concentration
{
    /// <summary>Gini coefficient: mean difference of all pairs over twice the mean.</summary>
    /// <param name="sorted">Interactions of each item, ascending; at least one in all.</param>
    /// <returns>0 when all are equal, near 1 when one has it all.</returns>
    public static double Gini(int[] sorted)
    {
        var (weighted, sum) = (0.0, 0.0);
        for (var i = 0; i < sorted.Length; i++)
        {
            weighted += ((2.0 * (i + 1)) - sorted.Length - 1) * sorted[i];
            sum += sorted[i];
        }

        return weighted / (sorted.Length * sum);
    }

    /// <summary>Share of all interactions that the most popular tenth of the items has, rounded up to whole items, in (0, 1].</summary>
    /// <param name="sorted">Interactions of each item, ascending; at least one in all.</param>
    public static double TopTenthShare(int[] sorted) => Sum(sorted.TakeLast((sorted.Length + 9) / 10)) / Sum(sorted);

    private static double Sum(IEnumerable<int> counts) => counts.Sum(count => (double)count);
}
