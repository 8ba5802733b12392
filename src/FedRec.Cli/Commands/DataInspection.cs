using FedRec.Core.Data;

namespace FedRec.Cli.Commands;

/// <summary>What a data set holds, in numbers.</summary>
internal sealed record DataInspection
{
    public required string Name { get; init; }

    public required int Users { get; init; }

    public required int Items { get; init; }

    public required long Interactions { get; init; }

    public required double Density { get; init; }

    public required int Train { get; init; }

    public required int Test { get; init; }

    /// <summary>p10, median, p90 and most of the interactions of a user.</summary>
    public required int[] PerUser { get; init; }

    /// <summary>p10, median, p90 and most of the interactions of an item.</summary>
    public required int[] PerItem { get; init; }

    /// <summary>Share of the interactions that fall on the most popular tenth of the items.</summary>
    public required double TopTenthShare { get; init; }

    /// <summary>Gini coefficient of the interactions over the items: 0 even, towards 1 concentrated on few.</summary>
    public required double Gini { get; init; }

    public required string Protocol { get; init; }

    public required long Rows { get; init; }

    public required long Duplicates { get; init; }

    public required long BadRows { get; init; }

    public required IReadOnlyList<BadRow> BadRowExamples { get; init; }

    public static DataInspection Of(Dataset data)
    {
        var (perUser, perItem) = Count(data);
        var total = perItem.Sum(c => (long)c);
        return new DataInspection
        {
            Name = data.Name,
            Users = data.Users.Count,
            Items = data.Items.Count,
            Interactions = total,
            Density = total / ((double)data.Users.Count * data.Items.Count),
            Train = data.Train.Count,
            Test = data.Test.Count,
            PerUser = Quantiles(perUser),
            PerItem = Quantiles(perItem),
            TopTenthShare = perItem.OrderDescending().Take((perItem.Length + 9) / 10).Sum(c => (long)c) / (double)Math.Max(1, total),
            Gini = GiniOf(perItem),
            Protocol = data.Protocol,
            Rows = data.Report.Rows,
            Duplicates = data.Report.Duplicates,
            BadRows = data.Report.BadRows,
            BadRowExamples = data.Report.Examples,
        };
    }

    /// <summary>Gini coefficient of non-negative counts.</summary>
    internal static double GiniOf(IReadOnlyCollection<int> counts)
    {
        var total = counts.Sum(c => (double)c);
        var weighted = counts.Order().Select((count, i) => (i + 1.0) * count).Sum();
        return total > 0 ? (2 * weighted / (counts.Count * total)) - ((counts.Count + 1.0) / counts.Count) : 0;
    }

    private static (int[] PerUser, int[] PerItem) Count(Dataset data)
    {
        var perUser = new int[data.Users.Count];
        var perItem = new int[data.Items.Count];
        foreach (var part in new[] { data.Train, data.Validation, data.Test })
        {
            for (var user = 0; user < part.UserCount; user++)
            {
                perUser[user] += part.Items(user).Length;
                foreach (var item in part.Items(user))
                {
                    perItem[item]++;
                }
            }
        }

        return (perUser, perItem);
    }

    private static int[] Quantiles(int[] counts)
    {
        var sorted = counts.Order().ToArray();
        return sorted.Length == 0 ? [] : [sorted[(int)((sorted.Length - 1) * 0.1)], sorted[(sorted.Length - 1) / 2], sorted[(int)((sorted.Length - 1) * 0.9)], sorted[^1]];
    }
}
