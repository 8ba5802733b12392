using FedRec.Core.Data;
using FedRec.Core.Data.Partitions;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Data.Partitions;

public sealed class PartyFolderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_FolderOfParties_KeepsOnePersonOfTwoPartiesApartAndSharesTheItems()
    {
        Write("north", "user,item,timestamp\nann,x,1\nann,y,2\nbob,x,3\n");
        Write("south", "user,item,timestamp\nann,y,1\nann,z,5\n");

        var data = DatasetSource.Open(new DatasetOptions { Path = _folder.Path });

        Assert.Equal("north/ann: x; north/bob: x; south/ann: y", data.Show(data.Train));
        Assert.Equal("north/ann: y; south/ann: z", data.Show(data.Test));
        Assert.Equal(["north", "south"], data.Parties!.Names);
        Assert.Equal([0, 0, 1], Enumerable.Range(0, 3).Select(data.Parties.Of));
        Assert.Equal([2, 1], Enumerable.Range(0, 2).Select(party => ClientPartition.ByParty(data).UsersOf(party).Length));
    }

    [Theory]
    [InlineData("b")]
    [InlineData("a")]
    [InlineData("d")]
    public void Open_PartyWithAHeaderOnly_IsLeftOutByName(string empty)
    {
        foreach (var party in new[] { "a", "b", "c", "d" })
        {
            Write(party, party == empty ? "user,item,rating\n" : "user,item,rating\nann,x,1\nann,y,2\n");
        }

        var data = DatasetSource.Open(new DatasetOptions { Path = _folder.Path });

        Assert.Equal(new[] { "a", "b", "c", "d" }.Except([empty]), data.Parties!.Names);
        Assert.Equal(3, ClientPartition.ByParty(data).Count);
        Assert.Contains($"The party {empty} has no interaction and is left out.", data.Report.Notes);
    }

    [Fact]
    public void Open_PartiesWithDifferentColumns_NamesTheParty()
    {
        Write("north", "user,item,timestamp\nann,x,1\n");
        Write("south", "user,item\nann,y\n");

        var error = Assert.Throws<DatasetException>(() => DatasetSource.Open(new DatasetOptions { Path = _folder.Path }));

        Assert.Contains("south", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_PartiesWithOtherKindsOfEvents_JoinsThemAndCountsWhomBothKnow()
    {
        Write("bought", "user,item,timestamp,kind,rating\nann,x,1,buy,\nann,y,2,buy,\nbob,x,3,rating,4\n");
        Write("viewed", "user,item,timestamp,kind\nann,z,1,view\nann,x,2,view\ncat,x,1,view\n");

        var data = DatasetSource.Open(new DatasetOptions { Path = _folder.Path });
        var profile = DatasetProfile.Of(data);

        Assert.Equal("bought/ann: x; bought/bob: x; viewed/ann: z; viewed/cat: x", data.Show(data.Train));
        Assert.Equal([1f, 1f, 0.25f, 0.25f], Enumerable.Range(0, 4).SelectMany(user => data.Train.Weights(user).ToArray()));
        Assert.False(data.Train.HasRatings);
        Assert.Equal(1, profile.SharedPeople);
        Assert.Equal(["view", "rating", "purchase"], profile.Report.Kinds.Select(kind => kind.Kind));
    }

    [Fact]
    public void Open_OnePartyWithoutKinds_NamesTheParty()
    {
        Write("bought", "user,item,kind\nann,x,buy\n");
        Write("viewed", "user,item\nann,y\n");

        var error = Assert.Throws<DatasetException>(() => DatasetSource.Open(new DatasetOptions { Path = _folder.Path }));

        Assert.Contains("viewed", error.Message, StringComparison.Ordinal);
        Assert.Contains("kinds of events", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_EventsWithKinds_KeepsTheirKinds()
    {
        using var source = new TempFolder();
        var data = DatasetSource.Open(new DatasetOptions { Path = source.Write("a.csv", "user,item,kind\na,x,view\na,y,buy\na,z,buy\n") });

        PartyWriter.Write(data, ClientPartition.PerUser(data), _folder.Path);
        var read = DatasetSource.Open(new DatasetOptions { Path = _folder.Path });

        Assert.Equal(data.Train.Weights(0).ToArray(), read.Train.Weights(0).ToArray());
        Assert.Equal(data.Train.Kinds(0).ToArray(), read.Train.Kinds(0).ToArray());
        Assert.Equal("party-0001/a: z", read.Show(read.Test));
    }

    [Fact]
    public void Write_ThenOpen_GivesTheSameInteractionsOfTheSameParties()
    {
        var data = SyntheticCatalogue.Create(new SyntheticOptions { Users = 50, Items = 40, Activity = 6, Seed = 2 }).ToDataset();
        var partition = ClientPartition.Skewed(data, 12, 0.1, 3);

        PartyWriter.Write(data, partition, _folder.Path);
        var read = DatasetSource.Open(new DatasetOptions { Path = _folder.Path });

        Assert.Equal(Rows(data, data.Train, user => $"party-{partition.Find(user).Client + 1:D4}/"), Rows(read, read.Train, _ => ""));
        Assert.Equal(Rows(data, data.Test, user => $"party-{partition.Find(user).Client + 1:D4}/"), Rows(read, read.Test, _ => ""));
        Assert.All(Enumerable.Range(0, 50), user => Assert.StartsWith(read.Parties!.Names[read.Parties.Of(user)], read.Users[user], StringComparison.Ordinal));
    }

    [Fact]
    public void Write_IntoAFolderWithFiles_IsRefused()
    {
        Write("north", "user,item\nann,x\n");
        var data = NoiseData.Create(users: 4, items: 5, perUser: 2, seed: 1).ToDataset();

        Assert.Throws<DatasetException>(() => PartyWriter.Write(data, ClientPartition.PerUser(data), _folder.Path));
    }

    private static string[] Rows(Dataset data, UserItems split, Func<int, string> party) =>
    [
        .. from user in Enumerable.Range(0, split.UserCount)
           from i in Enumerable.Range(0, split.Items(user).Length)
           let row = $"{party(user)}{data.Users[user]} {data.Items[split.Items(user)[i]]} {split.Ratings(user)[i]} {split.Timestamps(user)[i]}"
           orderby row
           select row,
    ];

    private void Write(string party, string content)
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, party));
        _folder.Write(Path.Combine(party, "interactions.csv"), content);
    }
}
