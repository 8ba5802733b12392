using CsCheck;
using FedRec.Core.Data;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Data.Cleaning;

/// <summary>Users and items that occur too rarely are left out until all that are left have enough.</summary>
public sealed class CoreFilterTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Gen<((int User, int Item)[] Rows, int UserItems, int ItemUsers, int Seed)> _data =
        Gen.Select(Gen.Select(Gen.Int[0, 9], Gen.Int[0, 9]).Array[1, 60], Gen.Int[0, 4], Gen.Int[0, 4], Gen.Int[0, 1_000]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_AnyRows_LeavesTheLargestSetInWhichAllHaveEnoughWhateverTheOrder() => _data.Sample(
        data =>
        {
            var expected = Peeled([.. data.Rows.Distinct()], data.UserItems, data.ItemUsers, data.Seed);

            if (expected.Length == 0)
            {
                Assert.Contains("No interaction is left", Assert.Throws<DatasetException>(() => Open(data.Rows, data.UserItems, data.ItemUsers)).Message, StringComparison.Ordinal);
                return;
            }

            var (kept, shuffled) = (Open(data.Rows, data.UserItems, data.ItemUsers), Open([.. data.Rows.OrderBy(row => ((row.User * 31) + (row.Item * 17) + data.Seed) % 11)], data.UserItems, data.ItemUsers));
            Assert.Equal(expected.Order(), Pairs(kept).Order());
            Assert.Equal(expected.Order(), Pairs(shuffled).Order());
            Assert.All(expected.GroupBy(pair => pair.User), user => Assert.True(user.Count() >= data.UserItems));
            Assert.All(expected.GroupBy(pair => pair.Item), item => Assert.True(item.Count() >= data.ItemUsers));
        },
        iter: 200,
        threads: 1);

    [Fact]
    public void Open_Filtered_CountsWhatWentAndSaysSoInTheProtocol()
    {
        var data = Open([(1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 4)], 2, 2);

        var filtered = data.Report.Filtered!;
        Assert.Equal((1, 2, 2L), (filtered.Users, filtered.Items, filtered.Rows)); // user 3; items 3 and 4; two rows
        Assert.EndsWith("; before the split, every user has 2 items or more and every item 2 users or more: 1 users and 2 items with 2 rows left out", data.Protocol, StringComparison.Ordinal);
        Assert.Contains(filtered.ToString(), data.Report.Notes);
    }

    [Fact]
    public void Open_SyntheticCatalogue_KeepsTheTitlesOfTheItemsLeft()
    {
        var (all, kept) = (MadeUpData.Open(new DatasetOptions { SyntheticUsers = 60, SyntheticItems = 80 }), MadeUpData.Open(new DatasetOptions { SyntheticUsers = 60, SyntheticItems = 80, MinItemUsers = 12 }));

        Assert.InRange(kept.Items.Count, 1, 79);
        Assert.All(Enumerable.Range(0, kept.Items.Count), item =>
        {
            Assert.True(all.Items.TryGet(kept.Items[item], out var before));
            Assert.Equal(all.Catalogue.Titles[before], kept.Catalogue.Titles[item]);
        });
    }

    [Fact]
    public void Open_PartyWithoutAnybodyLeft_IsLeftOutByName()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "far"));
        Directory.CreateDirectory(Path.Combine(_folder.Path, "near"));
        _folder.Write("far/ratings.csv", "user,item\nx,9\n");
        _folder.Write("near/ratings.csv", "user,item\na,1\na,2\nb,1\nb,2\n");

        var data = DatasetSource.Open(new DatasetOptions { Path = _folder.Path, MinUserItems = 2 });

        Assert.Equal(["near"], data.Parties!.Names);
        Assert.Contains("The party far has no user left and is left out.", data.Report.Notes);
    }

    // One user or item at a time, in any order: the definition.
    private static (int User, int Item)[] Peeled((int User, int Item)[] pairs, int userItems, int itemUsers, int seed)
    {
        for (var random = new Random(seed); ;)
        {
            var poor = pairs.GroupBy(pair => pair.User).Where(user => user.Count() < userItems).Select(user => (IsUser: true, Number: user.Key))
                .Concat(pairs.GroupBy(pair => pair.Item).Where(item => item.Count() < itemUsers).Select(item => (IsUser: false, Number: item.Key))).ToArray();
            if (poor.Length == 0)
            {
                return pairs;
            }

            var (isUser, number) = poor[random.Next(poor.Length)];
            pairs = [.. pairs.Where(pair => (isUser ? pair.User : pair.Item) != number)];
        }
    }

    private static IEnumerable<(int User, int Item)> Pairs(Dataset data) =>
        from split in new[] { data.Train, data.Validation, data.Test }
        from user in Enumerable.Range(0, data.Users.Count)
        from item in split.Items(user).ToArray()
        select (int.Parse(data.Users[user], null), int.Parse(data.Items[item], null));

    private Dataset Open(IEnumerable<(int User, int Item)> rows, int userItems, int itemUsers)
    {
        var file = _folder.Write("ratings.csv", "user,item\n" + string.Concat(rows.Select(row => $"{row.User},{row.Item}\n")));
        return DatasetSource.Open(new DatasetOptions { Path = file, MinUserItems = userItems, MinItemUsers = itemUsers });
    }
}
