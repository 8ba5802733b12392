using FedRec.Core.Data;

namespace FedRec.Extensions.Tests;

/// <summary>Two stalls of a market and what their customers took: a scenario that is no part of FedRec.</summary>
internal static class Market
{
    /// <summary>For requests whose data names <c>market</c>.</summary>
    public static Scenario Scenario { get; } = new("market", "stall", "customers of two stalls take what is ripe", Open);

    private static Dataset Open(DatasetOptions options)
    {
        var rows = new GeneratedInteractions("market");
        rows.Describe("a", "apples", ["fruit"]);
        foreach (var (customer, items) in new[] { ("u1", "abd"), ("u2", "abd"), ("u3", "acd"), ("u4", "acd"), ("u5", "cda") })
        {
            foreach (var (time, item) in items.Index())
            {
                rows.Add(customer, item.ToString(), time, party: customer is "u1" or "u2" ? "north" : "south");
            }
        }

        return rows.ToDataset(options);
    }
}
