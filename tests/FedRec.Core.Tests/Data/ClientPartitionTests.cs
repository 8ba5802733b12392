using CsCheck;
using FedRec.Core.Data;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Data;

public sealed class ClientPartitionTests
{
    private static readonly Dataset s_data = NoiseData.Create(users: 60, items: 20, perUser: 4, seed: 1).ToDataset();

    [Fact]
    public void PerUser_EachClient_HoldsTheUserOfItsNumber()
    {
        var partition = ClientPartition.PerUser(s_data);

        Assert.Equal(60, partition.Count);
        Assert.Equal(s_data.Train.Items(17).ToArray(), partition.Client(17).Items(0).ToArray());
        Assert.Equal((1, 20, (17, 0)), (partition.Client(17).UserCount, partition.Client(17).ItemCount, partition.Find(17)));
    }

    [Fact]
    public void Dealt_AnyParties_HoldEachUserOnceInEqualShares() => Gen.Select(Gen.Int[1, 60], Gen.ULong).Sample(
        (parties, seed) =>
        {
            var partition = ClientPartition.Dealt(s_data, parties, seed);

            var users = Enumerable.Range(0, parties).Select(c => partition.UsersOf(c).ToArray()).ToList();
            Assert.Equal(Enumerable.Range(0, 60), users.SelectMany(u => u).Order());
            Assert.InRange(users.Max(u => u.Length) - users.Min(u => u.Length), 0, 1);
            Assert.All(Enumerable.Range(0, 60), user => Assert.Equal(user, users[partition.Find(user).Client][partition.Find(user).Index]));
            Assert.Equal(s_data.Train.Items(users[0][^1]).ToArray(), partition.Client(0).Items(users[0].Length - 1).ToArray());
        },
        iter: 50);

    [Fact]
    public void Dealt_SameSeed_DealsEqually()
    {
        int[] Deal(ulong seed) => ClientPartition.Dealt(s_data, 5, seed).UsersOf(2).ToArray();

        Assert.Equal(Deal(3), Deal(3));
        Assert.NotEqual(Deal(3), Deal(4));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(61)]
    public void Dealt_NoOrTooManyParties_IsRefused(int parties) =>
        Assert.Throws<ArgumentException>(() => ClientPartition.Dealt(s_data, parties, 1));
}
