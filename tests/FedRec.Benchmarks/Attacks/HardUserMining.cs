using System.Numerics.Tensors;
using FedRec.Core.Federation;
using FedRec.Core.Randomness;

namespace FedRec.Benchmarks.Attacks;

/// <summary>Promotion without anybody's data: made-up users, of whom those count who like the targets least; the targets are moved to where these like them.</summary>
/// <remarks>After A-hum of Rong et al. 2022, "Poisoning Deep Learning Based Recommender Model in Federated Learning Scenarios" (IJCAI), which moves Gaussian users by gradient. Users of a
/// factorisation are solved from items, so users are made up by drawing items, and the hard ones are mined among them. Only the rows of the targets are sent.</remarks>
internal sealed class HardUserMining(Knowledge known) : Promotion(known)
{
    private const int Users = 200;
    private const int Hard = 100;
    private const int Skew = 4; // popularity is more uneven than distance
    private const int ItemsOfAUser = 5; // newer items count more in a score, so these are what counts

    /// <inheritdoc/>
    protected override (IReadOnlyDictionary<int, float> Liked, IReadOnlyList<int[]> Users) Goal(ItemTable table, HonestUpdate honest)
    {
        var random = SeedSequence.For(Known.Seed, "a-hum", honest.Round);
        var distances = Enumerable.Range(0, table.Items).Select(item => Known.Targets.Contains(item) ? 0 : table.FromMean(item)).ToArray();
        var made = Enumerable.Range(0, Users).Select(_ => Drawn(distances, ref random)).ToArray();
        int[][] hard = [.. made.OrderBy(own => TensorPrimitives.Dot(table.Row(Known.Targets[0]), table.User(own))).Take(Hard)];
        return (hard.SelectMany(own => own).CountBy(item => item).ToDictionary(item => item.Key, item => (float)item.Value), hard);
    }

    private static int[] Drawn(float[] distances, ref SeededRandom random)
    {
        var (own, largest) = (new SortedSet<int>(), distances.Max());
        for (var tries = 0; tries < 100 * ItemsOfAUser && own.Count < Math.Min(ItemsOfAUser, distances.Length / 4); tries++)
        {
            var item = random.NextInt32(distances.Length);
            if (random.NextDouble() < Math.Pow(distances[item] / largest, Skew))
            {
                own.Add(item);
            }
        }

        return [.. own];
    }
}
