using CsCheck;
using FedRec.Core.Data;

namespace FedRec.Core.Tests.Data.Splits;

public sealed class SplitTests : IDisposable
{
    private static readonly Gen<(int User, int Item, int Time)[]> s_rows = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 8], Gen.Int[0, 6]).Array[1, 60];
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("user,item,timestamp\na,x,3\na,y,9\na,z,5\nb,x,1\n", "a: x z; b: x", "a: y", "leave-last-out by time,")]
    [InlineData("user,item,timestamp\na,x,7\na,y,7\na,z,5\n", "a: x z", "a: y", "leave-last-out by time,")] // equal times: the later row
    [InlineData("user,item\na,y\na,z\na,x\n", "a: y z", "a: x", "leave-last-out by file order,")]
    [InlineData("user,item,split\na,x,train\na,y,test\na,z,TRAIN\nb,x,test\n", "a: x z", "a: y; b: x", "explicit train/test split,")]
    public void Open_Split_FollowsTheOrder(string content, string train, string test, string protocol)
    {
        var data = Open(content);

        Assert.Equal((train, test, ""), (data.Show(data.Train), data.Show(data.Test), data.Show(data.Validation)));
        Assert.Equal($"{protocol} full-catalogue ranking, training items removed, ties averaged", data.Protocol);
    }

    [Theory]
    [InlineData("user,item,timestamp\na,x,3\na,y,9\na,z,5\nb,x,1\nb,y,2\n", "a: x; b: x", "a: z", "a: y; b: y")]
    public void Open_HoldOutValidation_TakesTheLastTrainingRowOfUsersWithThree(string content, string train, string validation, string test)
    {
        var data = Open(content, validation: true);

        Assert.Equal((train, validation, test), (data.Show(data.Train), data.Show(data.Validation), data.Show(data.Test)));
        Assert.Contains("held out for validation", data.Protocol, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_HoldOutValidationWithoutTimes_DrawsItWhateverTheOrderOfTheRowsAndSaysSo()
    {
        var rows = Enumerable.Range(0, 400).Select(u => Enumerable.Range(0, 10).Select(i => $"u{u},i{i},{(i == 4 ? "test" : "train")}\n")).SelectMany(own => own).ToArray();
        Dataset WithSeed(IEnumerable<string> some, ulong seed) =>
            DatasetSource.Open(new DatasetOptions { Path = _folder.Write("a.csv", "user,item,split\n" + string.Concat(some)), HoldOutValidation = true, SplitSeed = seed });
        string[] HeldOut(Dataset data) => [.. Enumerable.Range(0, data.Users.Count).Select(u => $"{data.Users[u]} {data.Items[data.Validation.Items(u)[0]]}").Order(StringComparer.Ordinal)];

        var (data, turned, other) = (WithSeed(rows, 1), WithSeed(rows.Reverse(), 1), WithSeed(rows, 2));

        var items = HeldOut(data).GroupBy(one => one.Split(' ')[1]).ToDictionary(g => g.Key, g => g.Count());
        Assert.Equal(9, items.Count); // never the test item, and no place in the file is favoured: 400 / 9 each, within 4 standard deviations
        Assert.All(items.Values, count => Assert.InRange(count, 19, 70));
        Assert.Equal(HeldOut(data), HeldOut(turned));
        Assert.NotEqual(HeldOut(data), HeldOut(other));
        Assert.Equal(
            "explicit train/test split, one training interaction of each user held out for validation at random (seed 1), as the data has no times, full-catalogue ranking, training and validation items removed, ties averaged",
            data.Protocol);
    }

    [Fact]
    public void Open_HoldOutValidationWithoutTimesButKinds_DrawsAmongTheStrongestKind()
    {
        var rows = Enumerable.Range(0, 50).SelectMany(u => Enumerable.Range(0, 8).Select(i => $"u{u},i{i},{(i < 3 ? "purchase" : "view")}\n"));

        var data = Open("user,item,kind\n" + string.Concat(rows), validation: true);

        Assert.All(Enumerable.Range(0, 50), u => Assert.Contains(data.Items[data.Validation.Items(u)[0]], new[] { "i0", "i1" })); // i2 is the test item
        Assert.Equal(2, Enumerable.Range(0, 50).Select(u => data.Validation.Items(u)[0]).Distinct().Count());
    }

    [Theory]
    [InlineData("user,item,rating,timestamp\na,x,1,9\na,y,2,5\na,x,3,4\n", "a: y", "a: x", 1f)] // the latest time is kept
    [InlineData("user,item,rating,timestamp\na,x,1,4\na,y,2,3\na,x,3,4\n", "a: y", "a: x", 3f)] // equal times: the last row
    [InlineData("user,item,rating\na,x,1\na,y,2\na,x,3\n", "a: y", "a: x", 3f)]
    public void Open_RepeatedPair_IsMergedIntoTheLatest(string content, string train, string test, float rating)
    {
        var data = Open(content);

        Assert.Equal((train, test, 1L), (data.Show(data.Train), data.Show(data.Test), data.Report.Duplicates));
        Assert.Equal(rating, data.Test.Ratings(0)[0]);
    }

    [Fact]
    public void Open_PairInBothSplits_CountsOnce()
    {
        var data = Open("user,item,split\na,x,train\na,y,train\na,x,test\n");

        Assert.Equal(("a: y", "a: x"), (data.Show(data.Train), data.Show(data.Test)));
    }

    [Fact]
    public void Open_AnyRows_AreSplitWithoutLossAndInOrder() => s_rows.Sample(
        rows =>
        {
            var data = Open("user,item,timestamp\n" + string.Concat(rows.Select(r => $"u{r.User},i{r.Item},{r.Time}\n")), validation: true);

            var kept = rows.Select((r, place) => (r.User, r.Item, Order: (r.Time, place))).GroupBy(r => (r.User, r.Item)).Select(g => g.MaxBy(r => r.Order)).ToList();
            foreach (var user in kept.GroupBy(r => r.User))
            {
                var expected = user.OrderBy(r => r.Order).Select(r => $"i{r.Item}").ToList();
                Assert.True(data.Users.TryGet($"u{user.Key}", out var number));
                string[] Ids(UserItems split) => [.. split.Items(number).ToArray().Select(i => data.Items[i])];
                var (validation, test) = expected.Count >= 3 ? (expected[^2..^1], expected[^1..]) : ([], expected.Count == 2 ? expected[^1..] : []);
                Assert.Equal(test, Ids(data.Test));
                Assert.Equal(validation, Ids(data.Validation));
                Assert.Equal(expected.SkipLast(test.Count + validation.Count).Order(), Ids(data.Train).Order());
                Assert.Equal(data.Train.Items(number).ToArray().Order(), data.Train.Items(number).ToArray());
            }

            Assert.Equal(rows.Length - kept.Count, data.Report.Duplicates);
        },
        iter: 100,
        threads: 1);

    [Fact]
    public void Open_RandomSplit_DealsEveryInteractionOnceBySeed()
    {
        var content = "user,item,rating\n" + string.Concat(Enumerable.Range(0, 205).Select(i => $"u{i % 7},i{i / 7},{1 + (i % 5)}\n")) + "u0,i0,5\n";
        Dataset Drawn(ulong seed) => DatasetSource.Open(new DatasetOptions { Path = _folder.Write("r.csv", content), Split = DatasetOptions.RandomSplit, SplitSeed = seed });

        var (data, again, other) = (Drawn(7), Drawn(7), Drawn(8));

        Assert.Equal((165, 20, 20), (data.Train.Count, data.Validation.Count, data.Test.Count));
        var pairs = new[] { data.Train, data.Validation, data.Test }.SelectMany(part => Enumerable.Range(0, 7).SelectMany(u => part.Items(u).ToArray().Select(i => (u, i))));
        Assert.Equal(205, pairs.Distinct().Count());
        Assert.Equal(data.Fingerprint(), again.Fingerprint());
        Assert.NotEqual(data.Show(data.Test), other.Show(other.Test));
        Assert.Equal("random 80/10/10 split by interaction (seed 7), full-catalogue ranking, training and validation items removed, ties averaged", data.Protocol);
    }

    [Fact]
    public void Open_RandomSplitOfDataWithASplitOfItsOwn_SaysThatItIsReplaced()
    {
        var data = DatasetSource.Open(new DatasetOptions { Path = _folder.Write("s.csv", "user,item,split\na,x,train\na,y,test\n"), Split = DatasetOptions.RandomSplit });

        Assert.StartsWith("random 80/10/10 split by interaction (seed 1), in place of the data's own split,", data.Protocol, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_UnknownSplit_SaysWhichThereAre()
    {
        var error = Assert.Throws<ArgumentException>(() => DatasetSource.Open(new DatasetOptions { Split = "k-fold" }));

        Assert.Equal("The split is 'k-fold'; it must be leave-last-out or random or temporal.", error.Message);
    }

    private Dataset Open(string content, bool validation = false) =>
        DatasetSource.Open(new DatasetOptions { Path = _folder.Write("a.csv", content), HoldOutValidation = validation });
}
