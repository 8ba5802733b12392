using FedRec.Core.Updates;

namespace FedRec.Core.Aggregation;

/// <summary>What rules by rows share: how long a row of one client may be, and of how few clients a row is not moved.</summary>
/// <remarks>Item rows are said something of by few clients, of whom a coordinate-wise middle over all makes zero, and of a tail item attackers can be the majority at 1 % of the clients
/// (Spattack, AAAI 2025). So each row is bounded, and counted, by those who sent it.</remarks>
internal static class RowBounds
{
    private const int Least = 2;
    private const int OneIn = 50;
    private const double Usual = 0.75; // of the clients: so fewer than a quarter cannot raise it, and most keep all of what they sent

    /// <summary>Clients without whom a row stays as it is: a fiftieth of all, at least two; of fewer clients all.</summary>
    public static int LeastContributors(int clients) => Math.Min(clients, Math.Max(Least, (clients + OneIn - 1) / OneIn));

    /// <summary>How long a row of each block may be: the median over clients of what a share of the client's own rows do not exceed. Each client has one voice, however many rows it sends.</summary>
    /// <param name="clients">Their rows.</param>
    /// <param name="layout">The rows there are.</param>
    /// <param name="share">In (0, 1].</param>
    public static double[] Of(IReadOnlyList<ClientRows> clients, LayoutRows layout, double share)
    {
        var (voices, own) = (NewLists(layout.Blocks), NewLists(layout.Blocks));
        foreach (var client in clients)
        {
            for (var i = 0; i < client.Count; i++)
            {
                if (client.Norms[i] > 0)
                {
                    own[layout.BlockOf(client.Row(i))].Add(client.Norms[i]);
                }
            }

            for (var block = 0; block < own.Length; block++)
            {
                if (own[block].Count > 0)
                {
                    voices[block].Add(Quantile(own[block], share));
                    own[block].Clear();
                }
            }
        }

        return [.. voices.Select(all => all.Count == 0 ? 0 : Quantile(all, 0.5))];
    }

    /// <summary>What each client's update is multiplied by once its rows are bounded: what three quarters of the clients' updates do not exceed in length, as a share of its own, at most 1.</summary>
    /// <remarks>Without it whoever sends every row as long as a row may be counts as much as many clients.</remarks>
    /// <param name="clients">Their rows.</param>
    /// <param name="layout">The rows there are.</param>
    /// <param name="bounds">By <see cref="Of"/>.</param>
    public static double[] Factors(IReadOnlyList<ClientRows> clients, LayoutRows layout, double[] bounds)
    {
        double[] lengths = [.. clients.Select(client => Math.Sqrt(Enumerable.Range(0, client.Count).Sum(i => Math.Pow(Math.Min(client.Norms[i], bounds[layout.BlockOf(client.Row(i))]), 2))))];
        var usual = Quantile([.. lengths], Usual);
        return [.. lengths.Select(length => length > usual ? usual / length : 1)];
    }

    private static List<double>[] NewLists(int count) => [.. Enumerable.Range(0, count).Select(_ => new List<double>())];

    private static double Quantile(List<double> values, double share)
    {
        values.Sort();
        return values[Math.Max(0, (int)Math.Ceiling(share * values.Count) - 1)];
    }
}

/// <summary>The mean of updates that are no longer, in each row and as a whole, than what clients usually send.</summary>
/// <remarks>Norm bounding (Sun et al. 2019, arXiv:1911.07963) by rows and with a bound that comes from the round itself, so that no number has to be known before: whoever sends one long row
/// counts as much in it as anybody, and so does whoever is one of many. Then the whole update is bounded in the same way, by what is usual in the round, so that nobody gains by sending all rows.
/// What is left to attackers is what as many clients who really have the items could do.</remarks>
/// <param name="trim">Share of the rows of a usual client that are shortened, in (0, 1).</param>
internal sealed class BoundedMean(double trim) : ISinglesRule
{
    /// <inheritdoc/>
    public void Combine(IReadOnlyList<UpdateBuffer> updates, UpdateLayout? layout, Span<float> result)
    {
        var rows = new LayoutRows(layout ?? throw new InvalidOperationException("An aggregator by rows must be told the layout (IAggregator.WithLayout)."));
        var clients = ClientRows.Of(updates, rows);
        var (bounds, contributors, sums) = (RowBounds.Of(clients, rows, 1 - trim), new int[rows.Count], new double[result.Length]);
        foreach (var (client, factor) in clients.Zip(RowBounds.Factors(clients, rows, bounds)))
        {
            for (var i = 0; i < client.Count; i++)
            {
                var (norm, bound) = (client.Norms[i], bounds[rows.BlockOf(client.Row(i))]);
                if (norm > 0)
                {
                    contributors[client.Row(i)]++;
                    Add(client.Values(i), factor * Math.Min(1, bound / norm), sums.AsSpan(rows.At(client.Row(i)).Offset));
                }
            }
        }

        result.Clear();
        for (var row = 0; row < rows.Count; row++)
        {
            var (offset, length) = rows.At(row);
            for (var i = offset; i < offset + length && contributors[row] >= RowBounds.LeastContributors(updates.Count); i++)
            {
                result[i] = (float)(sums[i] / updates.Count);
            }
        }
    }

    private static void Add(ReadOnlySpan<float> values, double factor, Span<double> sums)
    {
        for (var i = 0; i < values.Length; i++)
        {
            sums[i] += factor * values[i];
        }
    }
}
