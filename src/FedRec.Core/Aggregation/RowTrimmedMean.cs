using FedRec.Core.Updates;

namespace FedRec.Core.Aggregation;

/// <summary>The trimmed mean of each coordinate over those who sent its row, times their share of all clients, as in a mean. Rows of very few stay as they are (<see cref="RowBounds"/>).</summary>
/// <param name="trim">Share of a row's contributors that is cut from each end, in (0, 0.5).</param>
internal sealed class RowTrimmedMean(double trim) : ISinglesRule
{
    /// <inheritdoc/>
    public void Combine(IReadOnlyList<UpdateBuffer> updates, UpdateLayout? layout, Span<float> result)
    {
        var rows = new LayoutRows(layout ?? throw new InvalidOperationException("An aggregator by rows must be told the layout (IAggregator.WithLayout)."));
        var (clients, places) = (ClientRows.Of(updates, rows), Enumerable.Range(0, rows.Count).Select(_ => new List<(int Client, int Place)>()).ToArray());
        for (var client = 0; client < clients.Length; client++)
        {
            for (var i = 0; i < clients[client].Count; i++)
            {
                if (clients[client].Norms[i] > 0)
                {
                    places[clients[client].Row(i)].Add((client, i));
                }
            }
        }

        result.Clear();
        for (var row = 0; row < rows.Count; row++)
        {
            if (places[row].Count >= RowBounds.LeastContributors(updates.Count))
            {
                var (offset, length) = rows.At(row);
                Combine(clients, places[row], updates.Count, result.Slice(offset, length));
            }
        }
    }

    private void Combine(ClientRows[] clients, List<(int Client, int Place)> places, int all, Span<float> row)
    {
        var (column, middle) = (new float[places.Count], CoordinateMiddle.Middle(places.Count, trim));
        for (var i = 0; i < row.Length; i++)
        {
            for (var contributor = 0; contributor < column.Length; contributor++)
            {
                column[contributor] = clients[places[contributor].Client].Values(places[contributor].Place)[i];
            }

            Array.Sort(column);
            var sum = 0.0;
            foreach (var value in column.AsSpan(middle))
            {
                sum += value;
            }

            row[i] = (float)(sum / column.AsSpan(middle).Length * column.Length / all);
        }
    }
}
