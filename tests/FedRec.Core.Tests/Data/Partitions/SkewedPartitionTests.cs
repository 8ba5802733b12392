using CsCheck;
using FedRec.Core.Data;
using FedRec.Core.Data.Partitions;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Data.Partitions;

public sealed class SkewedPartitionTests
{
    private static readonly Dataset s_data = SyntheticCatalogue.Create(new SyntheticOptions { Users = 400, Items = 120, Activity = 20, Seed = 1 }).ToDataset();
    private static readonly Dataset s_untagged = s_data with { Catalogue = ItemCatalogue.FromIds(s_data.Items) };

    [Fact]
    public void Skewed_AnyPartiesAndAlpha_HoldsEachUserOnceAndLeavesNoPartyEmpty() => Gen.Select(Gen.Int[1, 400], Gen.Double[0.001, 1000], Gen.ULong).Sample(
        (parties, alpha, seed) =>
        {
            var partition = ClientPartition.Skewed(s_data, parties, alpha, seed);

            var users = Enumerable.Range(0, parties).Select(party => partition.UsersOf(party).ToArray()).ToList();
            Assert.Equal(Enumerable.Range(0, 400), users.SelectMany(own => own).Order());
            Assert.All(users, own => Assert.True(own.Length > 0 && own.SequenceEqual(own.Order())));
        },
        iter: 30);

    [Fact]
    public void Skewed_SameSeed_DealsEqually()
    {
        int[] Deal(ulong seed) => [.. Enumerable.Range(0, 5).Select(party => ClientPartition.Skewed(s_data, 5, 0.1, seed).UsersOf(party).Length)];

        Assert.Equal(Deal(3), Deal(3));
        Assert.NotEqual(Deal(3), Deal(4));
    }

    [Fact]
    public void Skewed_LargeAlpha_IsNearlyEven()
    {
        var partition = ClientPartition.Skewed(s_data, 8, 1e6, 1);

        Assert.All(Enumerable.Range(0, 8), party => Assert.InRange(partition.UsersOf(party).Length, 40, 60));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Skewed_SmallerAlpha_MakesPartiesDifferMoreInItemsAndInVolume(bool tagged)
    {
        var data = tagged ? s_data : s_untagged;
        double Over(double alpha, Func<Dataset, ClientPartition, double> measure) =>
            Enumerable.Range(1, 5).Average(seed => measure(data, ClientPartition.Skewed(data, 8, alpha, (ulong)seed)));

        Assert.True(Over(0.1, ItemDivergence) > 1.5 * Over(100, ItemDivergence));
        Assert.True(Over(0.1, VolumeSpread) > 2 * Over(100, VolumeSpread));
        Assert.InRange(Over(1, VolumeSpread), Over(100, VolumeSpread), Over(0.1, VolumeSpread));
    }

    [Fact]
    public void TasteGroups_OfUsersWithOneTagEach_AreThoseTags()
    {
        var rows = new GeneratedInteractions("tags");
        foreach (var (user, item) in new[] { ("ann", "a1"), ("ann", "a2"), ("bob", "b1"), ("bob", "b2"), ("cat", "a1"), ("cat", "a2"), ("cat", "b1") })
        {
            rows.Describe(item, item, [item[..1]]);
            rows.Add(user, item);
        }

        var data = rows.ToDataset(new DatasetOptions { Split = DatasetOptions.RandomSplit });

        Assert.Equal([0, 1, 0], TasteGroups.Of(data, 1));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(401, 1)]
    [InlineData(3, 0)]
    [InlineData(3, -1)]
    public void Skewed_ImpossiblePartiesOrAlpha_IsRefused(int parties, double alpha) =>
        Assert.ThrowsAny<ArgumentException>(() => ClientPartition.Skewed(s_data, parties, alpha, 1));

    /// <summary>Mean total variation between a party's items and everybody's.</summary>
    private static double ItemDivergence(Dataset data, ClientPartition partition)
    {
        var all = Shares(data, Enumerable.Range(0, data.Users.Count));
        return Enumerable.Range(0, partition.Count).Average(party => Shares(data, partition.UsersOf(party).ToArray()).Zip(all, (own, mean) => Math.Abs(own - mean)).Sum() / 2);
    }

    private static double VolumeSpread(Dataset data, ClientPartition partition)
    {
        var volumes = Enumerable.Range(0, partition.Count).Select(party => partition.UsersOf(party).ToArray().Sum(user => (double)data.Train.Items(user).Length)).ToArray();
        return Math.Sqrt(volumes.Average(volume => Math.Pow(volume - volumes.Average(), 2))) / volumes.Average();
    }

    private static double[] Shares(Dataset data, IEnumerable<int> users)
    {
        var counts = new double[data.Items.Count];
        foreach (var user in users)
        {
            foreach (var item in data.Train.Items(user))
            {
                counts[item]++;
            }
        }

        return [.. counts.Select(count => count / counts.Sum())];
    }
}
