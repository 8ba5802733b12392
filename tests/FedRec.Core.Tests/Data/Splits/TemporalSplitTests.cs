using System.Globalization;
using System.Text.RegularExpressions;
using CsCheck;
using FedRec.Core.Data;

namespace FedRec.Core.Tests.Data.Splits;

/// <summary>The laws of one cut in time for everybody.</summary>
public sealed partial class TemporalSplitTests : IDisposable
{
    private const string Times = "user,item,timestamp\n";

    private static readonly Gen<(Row[] Rows, double Share, bool Validation)> s_cases = Gen.Select(
        Gen.Select(Gen.Int[0, 6], Gen.Int[0, 8], Gen.Int[0, 14], (user, item, time) => new Row($"u{user}", $"i{item}", time)).Array[1, 80],
        Gen.OneOf(Gen.Const(0.1), Gen.Const(0.25), Gen.Const(0.4)),
        Gen.Bool);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_AnyRows_AreCutWhereTheTimesSayAndHoldTheFirstNewItemOut() => s_cases.Sample(
        made =>
        {
            var (rows, share, validates) = made;
            if (CutsOf(rows, share, validates) is not var (from, until))
            {
                Assert.Throws<DatasetException>(() => Open(made));
                return;
            }

            var data = Open(made);

            for (var user = 0; user < data.Users.Count; user++)
            {
                Row[] own = [.. rows.Where(row => row.User == data.Users[user])];
                var training = Items(own.Where(row => row.Time < from));
                var before = Items(own.Where(row => row.Time < until));
                bool IsWarm(string item) => training.Count > 0 && rows.Any(row => row.Time < from && row.Item == item);
                Assert.Equal(training, Ids(data, data.Train, user));
                Assert.Equal(before.Except(training), Ids(data, data.MetBeforeTest, user));
                AssertOneOf(FirstNew(own, from, until, training).Where(IsWarm), FirstNew(own, from, until, training).All(IsWarm), Ids(data, data.Validation, user));
                var after = FirstNew(own, until, int.MaxValue, before);
                AssertOneOf(after.Where(IsWarm), after.All(IsWarm), Ids(data, data.Test, user));
                AssertOneOf(after.Where(item => !IsWarm(item)), !after.Any(IsWarm), Ids(data, data.ColdTest, user));
            }
        },
        iter: 500,
        threads: 1);

    [Fact]
    public void Open_AnyRows_TrainsOnNothingThatIsAsLateAsWhatIsHeldOut() => s_cases.Where(made => CutsOf(made.Rows, made.Share, made.Validation) is not null).Sample(
        made =>
        {
            var data = Open(made);

            var (newest, validation) = (TimesOf(data.Train).Max(), TimesOf(data.Validation));
            long[] test = [.. TimesOf(data.Test), .. data.ColdTest is { } cold ? TimesOf(cold) : []];
            Assert.All(validation.Concat(test), time => Assert.True(time > newest));
            Assert.All(test, time => Assert.All(validation, other => Assert.True(time > other)));
        },
        iter: 200,
        threads: 1);

    [Fact]
    public void Open_AnyRows_AreEachInOneSplitOrCountedAsNotUsed() => s_cases.Where(made => CutsOf(made.Rows, made.Share, made.Validation) is not null).Sample(
        made =>
        {
            var data = Open(made);

            var unused = NotUsed().Match(data.Protocol);
            Assert.True(unused.Success, data.Protocol);
            long Number(int group) => long.Parse(unused.Groups[group].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
            var used = data.Train.Count + data.Validation.Count + data.Test.Count + (data.ColdTest?.Count ?? 0);
            Assert.Equal(made.Rows.Length, used + data.Report.Duplicates + Number(1) + Number(2));
        },
        iter: 200,
        threads: 1);

    [Fact]
    public void Open_TheSameRowsInAnotherOrder_AreTheSameData() => Gen.Select(s_cases.Where(made => CutsOf(made.Rows, made.Share, made.Validation) is not null), Gen.Int).Sample(
        (made, seed) =>
        {
            var turned = made.Rows.ToArray();
            new Random(seed).Shuffle(turned);

            var (one, other) = (Open(made), Open(made with { Rows = turned }));

            Assert.Equal(one.Sha256, other.Sha256);
            Assert.Equal(one.Protocol, other.Protocol);
        },
        iter: 200,
        threads: 1);

    [Fact]
    public void Open_OtherRowsAfterTheCut_LeaveTrainingAsItIs() => Gen.Select(s_cases.Where(made => CutsOf(made.Rows, made.Share, made.Validation) is not null), Gen.Int[1, 6], Gen.Int[1, 8]).Sample(
        (made, user, item) =>
        {
            var from = CutsOf(made.Rows, made.Share, made.Validation)!.Value.Validation;
            Row[] others = [.. made.Rows.Select(row => row.Time < from ? row : row with { User = Turned(row.User, user), Item = Turned(row.Item, item) })];

            var (one, other) = (Open(made), Open(made with { Rows = others }));

            Assert.Equal(TrainingOf(one), TrainingOf(other));
        },
        iter: 200,
        threads: 1);

    [Theory]
    // The cut is at 8. ann meets a new thing at 8; bob meets x again, which is no candidate, and then y; cid is new; dan takes what nobody had before.
    [InlineData("ann,x,1\nann,y,2\nbob,x,3\ndan,y,4\nann,z,7\nbob,z,7\nann,w,8\nbob,x,8\nbob,y,9\ncid,x,9\ndan,v,9\n", 0.45,
        "ann: x y z; bob: x z; dan: y", "bob: y", "ann: w; cid: x; dan: v")]
    // All after the cut is one time: it is not torn, though it is half of the rows.
    [InlineData("ann,x,1\nann,y,1\nbob,y,1\nann,z,2\nbob,x,2\ncid,x,2\n", 0.1, "ann: x y; bob: y", "bob: x", "ann: z; cid: x")]
    // The latest row before the cut tells of a repeated item, the first one after it is what comes next.
    [InlineData("ann,x,1\nann,y,2\nbob,z,2\nbob,w,3\nann,z,6\nann,w,7\nann,z,8\n", 0.4, "ann: x y; bob: w z", "ann: z", "")]
    public void Open_FewRows_IsAsByHand(string rows, double share, string train, string test, string cold)
    {
        var data = Open(Times + rows, share);

        Assert.Equal((train, test, cold), (Show(data, data.Train), Show(data, data.Test), data.ColdTest is null ? "" : Show(data, data.ColdTest)));
    }

    [Fact]
    public void Open_TimesOfACalendar_SaysWhereItCutsAndWhatBecameOfAllRows()
    {
        var rows = "ann,x,2024-01-01\nann,y,2024-01-02\nbob,x,2024-01-03\ndan,y,2024-01-03\nann,z,2024-02-01\nbob,y,2024-02-01\nann,x,2024-03-01\nbob,z,2024-03-02\nbob,w,2024-03-03\ncid,x,2024-03-03\ndan,v,2024-03-04\n";

        var plain = Open(Times + rows, 0.45);
        var validated = Open(Times + rows, 0.3, validation: true);

        Assert.Equal(
            "temporal split: training before 2024-03-01 00:00:00 UTC, test after that, 45 % of the interactions, of which each user's first with a new item is held out; full-catalogue ranking, "
            + "training items removed, ties averaged; apart from the means: 1 users without training items and 1 held-out items without training users; "
            + "not used: 1 further interactions after training, and 1 with items that the user had met before the cut",
            plain.Protocol);
        Assert.StartsWith(
            "temporal split: training before 2024-02-01 00:00:00 UTC, validation from then until 2024-03-03 00:00:00 UTC, test after that, each 30 % of the interactions, of which each user's first with a new item "
            + "is held out; full-catalogue ranking, training items and all that was met before the test removed, ties averaged;",
            validated.Protocol, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_KindsOfEvents_HoldsTheFirstOfTheStrongestOut()
    {
        var rows = "ann,x,1,view\nann,y,1,purchase\nbob,v,1,view\nbob,w,1,view\nbob,z,1,view\nann,z,6,view\nann,w,7,view\nann,w,8,purchase\nann,z,9,purchase\n";

        var data = Open("user,item,timestamp,kind\n" + rows, 0.4);
        var bought = Open("user,item,timestamp,kind\nann,y,1,view\nann,x,2,purchase\nbob,y,3,purchase\nann,y,8,purchase\n", 0.25, kindWeights: "view=0");
        var viewed = Open("user,item,timestamp,kind\nann,y,1,view\nann,x,2,purchase\nbob,y,3,purchase\nann,y,8,purchase\n", 0.25);

        Assert.Equal(("ann: w", 8L), (Show(data, data.Test), data.Test.Timestamps(0)[0]));
        Assert.Contains("within the user's strongest kind of event there", data.Protocol, StringComparison.Ordinal);
        Assert.Equal(("ann: x; bob: y", "ann: y"), (Show(bought, bought.Train), Show(bought, bought.Test))); // a kind that counts nothing tells of nothing
        Assert.Equal(("ann: x y; bob: y", ""), (Show(viewed, viewed.Train), Show(viewed, viewed.Test)));
        Assert.Throws<ArgumentException>(() => Open("user,item,timestamp,kind\nann,y,1,view\nann,x,2,view\nann,z,8,purchase\n", 0.25, kindWeights: "view=0"));
    }

    [Fact]
    public void Open_DataWithASplitOfItsOwn_IsCutInItsPlaceAndSaysSo()
    {
        var data = Open("user,item,timestamp,split\na,x,1,test\na,y,2,test\nb,z,2,test\na,z,3,train\n", 0.25);

        Assert.Equal(("a: x y; b: z", "a: z"), (Show(data, data.Train), Show(data, data.Test)));
        Assert.StartsWith("temporal split in place of the data's own: training before time 3,", data.Protocol, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ContextData_IsNeitherHeldOutNorUsedAfterTheCut()
    {
        var context = _folder.Write("books.csv", Times + "a,early,1\na,late,8\nb,late,2\n");
        var data = DatasetSource.Open(new DatasetOptions
        {
            Path = _folder.Write("films.csv", Times + "a,x,1\nb,y,2\nc,x,8\na,y,9\n"),
            ContextData = context,
            Split = DatasetOptions.TemporalSplit,
            TestShare = 0.4,
        });

        Assert.Equal(("a: context/early x; b: context/late y", "a: y"), (Show(data, data.Train), Show(data, data.Test)));
    }

    [Theory]
    [InlineData("user,item\na,x\na,y\nb,x\n", false, "A temporal split needs times, but the rows have none. Add a column of times, name it with --time-column, or take --split leave-last-out.")]
    [InlineData("user,item,timestamp\na,x,7\na,y,7\nb,x,7\n", false, "but of the 3 rows too many have the same time (1 different). Give data over a longer time")]
    [InlineData("user,item,timestamp\na,x,7\na,y,8\nb,x,8\n", true, "but of the 3 rows too many have the same time (2 different). Give data over a longer time")]
    public void Open_DataThatCannotBeCut_SaysWhatWhereAndWhatNext(string content, bool validation, string message)
    {
        var error = Assert.Throws<DatasetException>(() => Open(content, 0.1, validation));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.EndsWith("a.csv", error.File, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("temporal", 0, "test-share is 0; it must be more than 0 and less than 0.5.")]
    [InlineData("temporal", 0.5, "test-share is 0.5; it must be more than 0 and less than 0.5.")]
    [InlineData("temporal", double.NaN, "test-share is NaN; it must be more than 0 and less than 0.5.")]
    [InlineData("random", 0.2, "test-share is 0.2, but the split is random, which has no cut in time: leave it out, or take the split temporal.")]
    public void Open_ShareThatCannotBe_IsRefused(string split, double share, string message)
    {
        var error = Assert.Throws<ArgumentException>(() => DatasetSource.Open(new DatasetOptions { Split = split, TestShare = share }));

        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void Profile_CountsWhatIsApartAndWhatWasMetBeforeTheTest()
    {
        var profile = DatasetProfile.Of(Open(Times + "ann,x,1\nann,y,2\nbob,x,3\nann,z,5\nbob,w,5\nbob,y,5\nbob,z,6\ncid,x,9\nann,v,9\n", 0.3, validation: true));

        Assert.Equal((3, 5), (profile.Users, profile.Items)); // cid and v are apart
        Assert.Equal(profile.Interactions, profile.Train + 3 + 3); // three between the cuts, one each after them
    }

    [Fact]
    public void Sha256_WhatIsApartOrMetBeforeTheTest_IsPartOfIt()
    {
        var data = Open(Times + "ann,x,1\nann,y,2\nbob,x,3\nann,z,5\nbob,w,5\nbob,y,5\nbob,z,6\ncid,x,9\nann,v,9\n", 0.3, validation: true);

        Assert.NotNull(data.ColdTest);
        Assert.NotNull(data.MetBeforeTest);
        Assert.Distinct(new[] { data, data with { ColdTest = null }, data with { MetBeforeTest = null } }.Select(one => one.Sha256));
    }

    [RealDataFact("ml-100k/u.data")]
    public void Open_MovieLens100K_HasTheCountsOfAnotherProgram()
    {
        var data = DatasetSource.Open(new DatasetOptions { Path = RealData.Path("ml-100k"), Split = DatasetOptions.TemporalSplit });

        Assert.Equal(90_000, data.Train.Count);
        Assert.Equal(166, data.Test.Count + data.ColdTest!.Count);
        Assert.Equal(943, DatasetProfile.Of(data).Users); // those who are new too
        Assert.Equal(76, Enumerable.Range(0, 943).Count(user => data.Train.Items(user).IsEmpty && !data.ColdTest.Items(user).IsEmpty));
    }

    [GeneratedRegex("not used: ([0-9,]+) further interactions after training, and ([0-9,]+) with items that the user had met before the cut$")]
    private static partial Regex NotUsed();

    private static (int Validation, int Test)? CutsOf(IReadOnlyList<Row> rows, double share, bool validates)
    {
        var count = Math.Max(1, (int)Math.Round(share * rows.Count));
        int? CutOf(Row[] some)
        {
            var times = some.Select(row => row.Time).Distinct().Order().ToList();
            return times.Count < 2 ? null : times.Skip(1).LastOrDefault(time => some.Count(row => row.Time >= time) >= count, times[1]);
        }

        var test = CutOf([.. rows]);
        var validation = validates && test is not null ? CutOf([.. rows.Where(row => row.Time < test)]) : test;
        return test is { } until && validation is { } from ? (from, until) : null;
    }

    private static List<string> FirstNew(IEnumerable<Row> own, int from, int until, IReadOnlyList<string> met)
    {
        Row[] some = [.. own.Where(row => row.Time >= from && row.Time < until && !met.Contains(row.Item))];
        return [.. Items(some.Where(row => row.Time == some.Min(other => other.Time)))];
    }

    private static void AssertOneOf(IEnumerable<string> candidates, bool isSure, List<string> found)
    {
        Assert.InRange(found.Count, isSure && candidates.Any() ? 1 : 0, candidates.Any() ? 1 : 0);
        Assert.All(found, item => Assert.Contains(item, candidates));
    }

    private static List<string> Items(IEnumerable<Row> rows) => [.. rows.Select(row => row.Item).Distinct().Order(StringComparer.Ordinal)];

    private static List<string> Ids(Dataset data, UserItems? split, int user) =>
        split is null ? [] : [.. split.Items(user).ToArray().Select(item => data.Items[item]).Order(StringComparer.Ordinal)];

    private static string Turned(string id, int by) => $"{id[0]}{(id[1] - '0' + by) % 9}";

    private static IEnumerable<long> TimesOf(UserItems split) => Enumerable.Range(0, split.UserCount).SelectMany(user => split.Timestamps(user).ToArray());

    private static string TrainingOf(Dataset data) => string.Join("; ", Enumerable.Range(0, data.Users.Count).Where(user => !data.Train.Items(user).IsEmpty).Select(user =>
        $"{data.Users[user]}: {string.Join(' ', data.Train.Items(user).ToArray().Zip(data.Train.Timestamps(user).ToArray(), (item, time) => $"{data.Items[item]}@{time}").Order(StringComparer.Ordinal))}")
        .Order(StringComparer.Ordinal));

    private static string Show(Dataset data, UserItems split) => string.Join("; ", Enumerable.Range(0, split.UserCount).Where(user => !split.Items(user).IsEmpty)
        .Select(user => $"{data.Users[user]}: {string.Join(' ', Ids(data, split, user))}").Order(StringComparer.Ordinal));

    private Dataset Open((Row[] Rows, double Share, bool Validation) made) =>
        Open(Times + string.Concat(made.Rows.Select(row => $"{row.User},{row.Item},{row.Time}\n")), made.Share, made.Validation);

    private Dataset Open(string content, double share, bool validation = false, string? kindWeights = null) => DatasetSource.Open(new DatasetOptions
    {
        Path = _folder.Write("a.csv", content),
        Split = DatasetOptions.TemporalSplit,
        TestShare = share,
        HoldOutValidation = validation,
        KindWeights = kindWeights,
    });

    private sealed record Row(string User, string Item, int Time);
}
