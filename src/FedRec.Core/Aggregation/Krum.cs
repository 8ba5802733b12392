using System.Numerics.Tensors;
using FedRec.Core.Updates;

namespace FedRec.Core.Aggregation;

/// <summary>Takes the updates that lie closest to their neighbours, and leaves those of the others out.</summary>
/// <remarks>Blanchard et al. 2017, "Machine Learning with Adversaries: Byzantine Tolerant Gradient Descent" (NeurIPS): an update's score is the sum of its squared distances to
/// the n − f − 2 that are nearest to it, f being the wrong ones that are reckoned with; Krum takes the best, Multi-Krum the mean of the n − f best. Of equal scores that of the client with the
/// smaller number is better. All pairs are compared, so a round costs n² products of the values that clients send.</remarks>
/// <param name="share">f as a share of the clients, in (0, 0.5); at most (n − 3) / 2 clients.</param>
/// <param name="multi">Whether it is Multi-Krum.</param>
internal sealed class Krum(double share, bool multi) : ISinglesRule
{
    /// <inheritdoc/>
    public void Combine(IReadOnlyList<UpdateBuffer> updates, UpdateLayout? layout, Span<float> result)
    {
        var (scores, sums) = (Scores(updates, result.Length), new double[result.Length]);
        int[] chosen = [.. Enumerable.Range(0, updates.Count).OrderBy(update => scores[update]).Take(multi ? updates.Count - Wrong(updates.Count) : 1).Order()];
        foreach (var update in chosen)
        {
            Add(updates[update], sums);
        }

        for (var i = 0; i < sums.Length; i++)
        {
            result[i] = (float)(sums[i] / chosen.Length);
        }
    }

    private int Wrong(int clients) => Math.Clamp((int)(share * clients), 0, Math.Max(0, (clients - 3) / 2));

    private double[] Scores(IReadOnlyList<UpdateBuffer> updates, int length)
    {
        var (neighbours, scores, distances) = (Math.Max(1, updates.Count - Wrong(updates.Count) - 2), new double[updates.Count], new double[updates.Count]);
        var products = Products(updates, length);
        for (var one = 0; one < updates.Count; one++)
        {
            for (var other = 0; other < updates.Count; other++)
            {
                distances[other] = one == other ? double.PositiveInfinity : Math.Max(0, products[one][one] + products[other][other] - (2 * products[Math.Max(one, other)][Math.Min(one, other)]));
            }

            Array.Sort(distances);
            scores[one] = distances.Take(Math.Min(neighbours, updates.Count - 1)).Sum();
        }

        return scores;
    }

    // Of each update with those before it and with itself.
    private static double[][] Products(IReadOnlyList<UpdateBuffer> updates, int length)
    {
        var (products, dense) = (new double[updates.Count][], new float[length]);
        for (var one = 0; one < updates.Count; one++)
        {
            products[one] = new double[one + 1];
            for (var segment = 0; segment < updates[one].SegmentCount; segment++)
            {
                var values = updates[one].SegmentValues(segment);
                var places = dense.AsSpan(updates[one].Offset(segment), values.Length);
                TensorPrimitives.Add(places, values, places); // segments may share places
            }

            for (var other = 0; other <= one; other++)
            {
                products[one][other] = Product(updates[other], dense);
            }

            for (var segment = 0; segment < updates[one].SegmentCount; segment++)
            {
                dense.AsSpan(updates[one].Offset(segment), updates[one].SegmentValues(segment).Length).Clear();
            }
        }

        return products;
    }

    private static double Product(UpdateBuffer update, ReadOnlySpan<float> dense)
    {
        var sum = 0.0;
        for (var segment = 0; segment < update.SegmentCount; segment++)
        {
            var values = update.SegmentValues(segment);
            sum += TensorPrimitives.Dot(values, dense.Slice(update.Offset(segment), values.Length));
        }

        return sum;
    }

    private static void Add(UpdateBuffer update, double[] sums)
    {
        for (var segment = 0; segment < update.SegmentCount; segment++)
        {
            var offset = update.Offset(segment);
            foreach (var value in update.SegmentValues(segment))
            {
                sums[offset++] += value;
            }
        }
    }
}
