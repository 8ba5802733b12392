using System.Text.Json;
using FedRec.Core.Data;
using FedRec.Core.Data.Reports;

namespace FedRec.Core.Tests.Data.Reports;

public sealed class DataReportTests : IDisposable
{
    private const long Day = 86_400, Noon = (18_000 * Day) + (Day / 2);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_PartiesOfTheSameBuckets_AreByteEqual()
    {
        // 16 and 17 users, 64 and 68 interactions, 8 items that all have 8 of them, or half of them 9.
        Write("a", users: 16, item: (user, place) => (user + place) % 8);
        Write("b", users: 17, item: (user, place) => (user + place) % 8);

        var report = Open();

        Assert.Equal(Bytes(report.Parties[0]), Bytes(report.Parties[1]));
        Assert.Equal((16, 64), (report.Parties[1].Users, report.Parties[1].Interactions));
    }

    [Fact]
    public void Of_PartiesOfOtherBuckets_DifferInThem()
    {
        Write("a", users: 8, item: (user, place) => (user + place) % 8);
        Write("b", users: 16, item: (user, place) => (user + place) % 8);
        Assert.NotEqual(Bytes(Open().Parties[0]), Bytes(Open().Parties[1]));
    }

    [Fact]
    public void Of_PartyBelowTheMinimum_SaysNothingAndCountsNowhere()
    {
        Write("a", users: 8, item: (user, place) => (user + place) % 8);
        var alone = Open();
        Write("few", users: DataReport.MinimumCohort - 1, item: (user, place) => place, start: Noon + (1_000 * Day));
        var both = Open();

        Assert.Equal(new PartyReport("few") { Withheld = DataReport.BelowMinimum }, both.Parties[1]);
        Assert.Equal(alone.Federation, both.Federation);
        Assert.Equal(alone.Parties[0], both.Parties[0]);
    }

    [Fact]
    public void Of_NobodyAboveTheMinimum_WithholdsTheFederationToo()
    {
        Write("a", users: 4, item: (_, place) => place);
        Write("b", users: 4, item: (_, place) => place);
        Assert.Equal(new PartyReport("federation") { Withheld = DataReport.BelowMinimum }, Open().Federation);
    }

    [Fact]
    public void Of_HandMadeParties_GivesTheNumbersCountedByHand()
    {
        // Ten users of four items each: 40 of 10 · 4 pairs. The other party is 100 days older and likes other tags.
        Write("new", users: 10, item: (_, place) => place);
        Write("old", users: 10, item: (_, place) => 4 + place, start: Noon - (100 * Day));
        _folder.Write("items.csv", "item,title,tags\n" + string.Concat(Enumerable.Range(0, 8).Select(item => $"i{item},t,{(item < 4 ? "red" : "blue")}\n")));

        var report = Open();

        Assert.Equal("tags", report.DriftOf);
        var (recent, old) = (report.Parties[0], report.Parties[1]);
        Assert.Equal((8, 32, new ShareBand(95, 100), new ShareBand(0, 5), new ShareBand(25, 30)), (recent.Users, recent.Interactions, recent.Density, recent.PopularityGini, recent.TopTenthShare));
        Assert.Equal((AgeBand.Day, AgeBand.Day), (recent.MedianAge, recent.LastAge));
        Assert.Equal((AgeBand.Year, AgeBand.Year), (old.MedianAge, old.LastAge));
        Assert.Equal(new ShareBand(20, 50), recent.Drift); // (1, 0) against (1/2, 1/2): (log2(4/3) + log2(2/3) / 2 + 1/2) / 2 = 0.311
        Assert.Equal((16, 64, new ShareBand(50, 55)), (report.Federation.Users, report.Federation.Interactions, report.Federation.Density));
        Assert.Equal(AgeBand.Day, report.Federation.LastAge);
    }

    [Fact]
    public void Of_TagOfFewUsers_DoesNotShow()
    {
        Write("a", users: 10, item: (user, place) => user < 4 && place == 3 ? 4 : place % 3);
        Write("b", users: 10, item: (_, place) => place % 3);
        _folder.Write("items.csv", "item,title,tags\ni0,t,red\ni1,t,red\ni2,t,red\ni4,t,rare\n");
        Assert.All(Open().Parties, party => Assert.Equal(new ShareBand(0, 1), party.Drift));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(63, 32)]
    [InlineData(64, 64)]
    public void Count_OfBuckets_IsThePowerOfTwoBelow(long count, long expected) => Assert.Equal(expected, Buckets.Count(count));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.0499, 0)]
    [InlineData(0.05, 5)]
    [InlineData(1, 95)]
    public void Of_Share_IsItsBand(double share, int from) => Assert.Equal(new ShareBand(from, from + 5), ShareBand.Of(share));

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(0.0099, 0, 1)]
    [InlineData(0.01, 1, 2)]
    [InlineData(0.07, 5, 10)]
    [InlineData(0.5, 50, 100)]
    [InlineData(1, 50, 100)]
    public void OfDrift_ADivergence_IsItsBand(double divergence, int from, int to) => Assert.Equal(new ShareBand(from, to), ShareBand.OfDrift(divergence));

    [Theory]
    [InlineData(1, AgeBand.Day)]
    [InlineData(Day, AgeBand.Day)]
    [InlineData(Day + 1, AgeBand.Week)]
    [InlineData((365 * Day) + 1, AgeBand.Older)]
    public void Age_BeforeTheNewestDay_IsItsBand(long before, AgeBand expected) => Assert.Equal(expected, Buckets.Age(10_000 * Day - before, 10_000 * Day));

    [Theory]
    [InlineData(0, Day)]
    [InlineData(Day - 1, Day)]
    [InlineData(Day, 2 * Day)]
    [InlineData(-1, 0)]
    public void EndOfDay_OfATime_IsTheNextMidnight(long time, long expected) => Assert.Equal(expected, Buckets.EndOfDay(time));

    [Fact]
    public void Divergence_EqualAndDisjoint_AreNoneAndOneBit()
    {
        Assert.Equal(0, JensenShannon.Divergence([1, 2, 3], [2, 4, 6])!.Value, 12);
        Assert.Equal(1, JensenShannon.Divergence([1, 0], [0, 5])!.Value, 12);
        Assert.Null(JensenShannon.Divergence([0, 0], [1, 1]));
    }

    private DataReport Open() => DataReport.Of(DatasetSource.Open(new DatasetOptions { Path = _folder.Path }));

    private static byte[] Bytes(PartyReport report) => JsonSerializer.SerializeToUtf8Bytes(report with { Party = "" });

    private void Write(string party, int users, Func<int, int, int> item, long start = Noon)
    {
        var rows = from user in Enumerable.Range(0, users) from place in Enumerable.Range(0, 4) select $"u{user},i{item(user, place)},{start + place}\n";
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(_folder.Path, party)).FullName, "interactions.csv"), "user,item,timestamp\n" + string.Concat(rows));
    }
}
