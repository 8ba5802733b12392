using System.Numerics.Tensors;
using FedRec.Core.Federation;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Benchmarks.Attacks;

/// <summary>Sends the opposite of what was trained, boosted.</summary>
internal sealed class SignFlip : IAttack
{
    /// <inheritdoc/>
    public ClientUpdate Craft(HonestUpdate honest) => Crafted.Times(honest, -Crafted.Boost);
}

/// <summary>Sends Gaussian noise in the rows of all items, the same from all attackers of a round: noise of each by himself would average out.</summary>
internal sealed class RandomNoise(Knowledge known) : IAttack
{
    /// <inheritdoc/>
    public ClientUpdate Craft(HonestUpdate honest)
    {
        var (random, rows) = (SeedSequence.For(known.Seed, "noise", honest.Round), new Dictionary<int, float[]>());
        var deviation = Crafted.Boost * Crafted.RowNorm(honest.Update.Values) / Math.Sqrt(known.Dims);
        for (var item = 0; item < known.Items; item++)
        {
            rows[item] = new float[known.Dims];
            foreach (ref var value in rows[item].AsSpan())
            {
                value = (float)(deviation * random.NextGaussian());
            }
        }

        return Crafted.Of(honest, rows);
    }
}

/// <summary>Pulls all items into few dense clusters, in which they can no longer be told apart.</summary>
/// <remarks>After ClusterAttack (Yu et al. 2023, "Untargeted Attack against Federated Recommendation Systems via Poisonous Item Embeddings and the Defense", AAAI): k-means anew in each round.</remarks>
internal sealed class ClusterAttack(Knowledge known) : IAttack
{
    private const int Clusters = 5;
    private const int Passes = 5;
    private int _round;
    private Dictionary<int, float[]> _rows = [];

    /// <inheritdoc/>
    public ClientUpdate Craft(HonestUpdate honest)
    {
        if (honest.Round != _round)
        {
            (_round, _rows) = (honest.Round, Directions(ItemTable.Of(honest, known)));
        }

        return Crafted.Of(honest, _rows);
    }

    private Dictionary<int, float[]> Directions(ItemTable table)
    {
        var random = SeedSequence.For(known.Seed, "cluster");
        var centres = Enumerable.Range(0, Clusters).Select(_ => table.Row(random.NextInt32(table.Items)).ToArray()).ToArray();
        var nearest = new int[table.Items];
        for (var pass = 0; pass < Passes; pass++)
        {
            for (var item = 0; item < table.Items; item++)
            {
                nearest[item] = Enumerable.Range(0, Clusters).MinBy(cluster => TensorPrimitives.Distance(table.Row(item), centres[cluster]));
            }

            for (var cluster = 0; cluster < Clusters; cluster++)
            {
                Mean(table, [.. Enumerable.Range(0, table.Items).Where(item => nearest[item] == cluster)], centres[cluster]);
            }
        }

        return Enumerable.Range(0, table.Items).ToDictionary(item => item, item =>
        {
            var direction = new float[table.Dims];
            TensorPrimitives.Subtract(centres[nearest[item]], table.Row(item), direction);
            TensorPrimitives.Multiply(direction, Crafted.Boost, direction);
            return direction;
        });
    }

    private static void Mean(ItemTable table, int[] items, float[] centre)
    {
        Array.Clear(centre);
        Array.ForEach(items, item => TensorPrimitives.MultiplyAdd(table.Row(item), 1f / items.Length, centre, centre));
    }
}
