using CsCheck;
using FedRec.Core.Data;
using FedRec.Core.Data.Partitions;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Data.Partitions;

public sealed class PartyGroupTests : IDisposable
{
    private const int Parties = 24;
    private static readonly Dataset s_data = WithParties(SyntheticCatalogue.Create(new SyntheticOptions { Users = 240, Items = 80, Activity = 12, Seed = 1 }).ToDataset());
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Grouped_AnyCountAndAlpha_HoldsEachUserOnceAndCutsNoParty() => Gen.Select(Gen.Int[1, Parties], Gen.OneOf(Gen.Const(0.0), Gen.Double[0.01, 100]), Gen.ULong).Sample(
        (count, alpha, seed) =>
        {
            var partition = ClientPartition.Grouped(s_data, count, alpha, seed);

            var groups = Enumerable.Range(0, count).Select(client => partition.UsersOf(client).ToArray()).ToList();
            Assert.Equal(Enumerable.Range(0, 240), groups.SelectMany(own => own).Order());
            Assert.Equal(Parties, groups.Sum(own => own.Select(s_data.Parties!.Of).Distinct().Count()));
            Assert.All(groups, own => Assert.NotEmpty(own));
        },
        iter: 30);

    [Fact]
    public void Grouped_WithoutAlpha_GivesEachEquallyManyParties()
    {
        var partition = ClientPartition.Grouped(s_data, 5, 0, 3);

        Assert.Equal([4, 5, 5, 5, 5], Enumerable.Range(0, 5).Select(client => PartiesOf(partition, client).Length).Order());
        Assert.Equal(PartiesOf(partition, 0), PartiesOf(ClientPartition.Grouped(s_data, 5, 0, 3), 0));
        Assert.NotEqual(PartiesOf(partition, 0), PartiesOf(ClientPartition.Grouped(s_data, 5, 0, 4), 0));
    }

    [Fact]
    public void Grouped_SmallerAlpha_MakesSizesDifferMore()
    {
        double Spread(double alpha) => Enumerable.Range(1, 10).Average(seed =>
        {
            var partition = ClientPartition.Grouped(s_data, 4, alpha, (ulong)seed);
            return Enumerable.Range(0, 4).Select(client => PartiesOf(partition, client).Length).Sum(size => Math.Pow(size - 6, 2));
        });

        Assert.True(Spread(0.05) > 2 * Spread(1e6), $"{Spread(0.05)} {Spread(1e6)}");
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(Parties + 1, 0)]
    [InlineData(Parties + 1, 1)]
    [InlineData(2, -1)]
    public void Grouped_ImpossibleCountOrAlpha_IsRefused(int count, double alpha) =>
        Assert.ThrowsAny<ArgumentException>(() => ClientPartition.Grouped(s_data, count, alpha, 1));

    [Fact]
    public void WriteParties_OfAColumn_ReadsBackAsTheSameParties()
    {
        var file = _folder.Write("a.csv", "user,item,timestamp,bank\nann,x,1,north\nann,y,2,north\nann,y,1,south\nann,z,5,south\nbob,x,3,north\n");
        var data = DatasetSource.Open(new DatasetOptions { Path = file });

        PartyWriter.WriteParties(data, Path.Combine(_folder.Path, "out"));
        var read = DatasetSource.Open(new DatasetOptions { Path = Path.Combine(_folder.Path, "out") });

        Assert.Equal("north/ann: x; north/bob: x; south/ann: y", read.Show(read.Train));
        Assert.Equal(data.Show(data.Test), read.Show(read.Test));
        Assert.Equal(data.Parties!.Names, read.Parties!.Names);
    }

    [Fact]
    public void WriteParties_WithANameThatIsNoFolder_IsRefused()
    {
        var file = _folder.Write("a.csv", "user,item,bank\nann,x,..\nann,y,..\n");
        var data = DatasetSource.Open(new DatasetOptions { Path = file });

        Assert.Contains("'..' cannot name a folder", Assert.Throws<DatasetException>(() => PartyWriter.WriteParties(data, Path.Combine(_folder.Path, "out"))).What, StringComparison.Ordinal);
    }

    private static int[] PartiesOf(ClientPartition partition, int client) => [.. partition.UsersOf(client).ToArray().Select(s_data.Parties!.Of).Distinct()];

    private static Dataset WithParties(Dataset data) => data with
    {
        Parties = new UserParties([.. Enumerable.Range(0, Parties).Select(party => $"p{party}")], [.. Enumerable.Range(0, data.Users.Count).Select(user => user % Parties)]),
    };
}
