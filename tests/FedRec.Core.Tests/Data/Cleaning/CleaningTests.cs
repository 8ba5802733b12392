using System.Text;
using FedRec.Core.Data;
using FedRec.Core.Data.Cleaning;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Data.Cleaning;

public sealed class CleaningTests : IDisposable
{
    private const CleaningRules Everything = CleaningRules.Duplicates | CleaningRules.Bots | CleaningRules.Outliers;
    private const long Start = 1_600_000_000;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_DirtyFile_CountsWhatItRemovesByReason()
    {
        var rows = Rows("", users: 30) + Repeat("u1,i0") + Bot("fast", 61, seconds: 0) + Bot("busy", 6_000, seconds: 90)
            + $"u2,odd,5000,{Start}\nu3,early,3,5\nu4,late,3,{Start + (30L * 31_557_600)}\n";

        var data = Open("one.csv", rows, Everything);

        Assert.Equal(new RemovedRows(2, 6_061, 3), data.Report.Removed);
        Assert.Contains("6,061 rows of bots", data.Protocol, StringComparison.Ordinal);
        Assert.Contains("3 outliers", Assert.Single(data.Report.Notes), StringComparison.Ordinal);
        Assert.False(data.Users.TryGet("fast", out _));
        Assert.False(data.Items.TryGet("odd", out _));
    }

    [Theory]
    [InlineData(60, 1)]
    [InlineData(61, 0)]
    public void Open_SameEventAgain_IsRemovedWithinAMinute(int seconds, long removed)
    {
        var data = Open("one.csv", Rows("", users: 5) + $"v,i1,3,{Start}\nv,i1,3,{Start + seconds}\nv,i1,4,{Start + seconds}\n", Everything);

        Assert.Equal(new RemovedRows(removed, 0, 0), data.Report.Removed);
    }

    [Fact]
    public void Open_SixtyEventsInAMinute_AreAPersons()
    {
        Assert.Equal(0, Open("one.csv", Rows("", users: 30) + Bot("quick", 60, seconds: 0), Everything).Report.Removed!.Bots);
    }

    [Fact]
    public void Open_CleanData_RemovesNothing()
    {
        var plain = Open("one.csv", Rows("", users: 40), CleaningRules.None);
        var cleaned = Open("one.csv", Rows("", users: 40), Everything);
        Assert.Equal(new RemovedRows(0, 0, 0), cleaned.Report.Removed);
        Assert.Equal((plain with { Protocol = "" }).Fingerprint(), (cleaned with { Protocol = "" }).Fingerprint());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("shop")]
    [InlineData("clinic")]
    [InlineData("bank")]
    [InlineData("news")]
    public void Open_MadeUpData_RemovesNothing(string? scenario)
    {
        var options = new DatasetOptions { Scenario = scenario };
        var (plain, cleaned) = (MadeUpData.Open(options), MadeUpData.Open(options with { Clean = Everything }));
        Assert.Equal((plain with { Protocol = "" }).Fingerprint(), (cleaned with { Protocol = "" }).Fingerprint());
    }

    [Fact]
    public void Open_RatingsThatAreAlmostAllAlike_KeepsTheRareOnes()
    {
        var rows = string.Concat(Enumerable.Range(0, 100).Select(i => $"u{i},i{i % 7},{(i % 20 == 0 ? 1 + (i / 20 % 4) : 5)},{Start + (i * 100)}\n"));
        Assert.Equal(0, Open("one.csv", rows, Everything).Report.Removed!.Outliers);
    }

    [Fact]
    public void Open_EventNumbersInPlaceOfTimes_AreNotTakenForSeconds()
    {
        var rows = string.Concat(Enumerable.Range(1, 500).Select(i => $"u{i % 4},i{i},3,{i}\n"));
        Assert.Equal(new RemovedRows(0, 0, 0), Open("one.csv", rows, Everything).Report.Removed);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Prepare_Again_RemovesNothingMore(int seed)
    {
        var random = new Random(seed);
        var log = new InteractionLog();
        for (var row = 0; row < 3_000; row++)
        {
            var user = (int)Math.Pow(random.NextDouble() * 3.3, 4);
            log.Add($"u{user}", $"i{random.Next(30)}", (float)Math.Round(Math.Exp(random.NextDouble() * 12)), Start + (random.Next(5) == 0 ? random.NextInt64(2_000_000_000) : random.Next(40_000)));
        }

        var options = new DatasetOptions { Clean = Everything };
        var (first, second) = (new RowTally("made up"), new RowTally("made up"));
        var once = LogCleaner.Prepare(log, options, first);
        LogCleaner.Prepare(once, options, second);

        Assert.NotEqual(new RemovedRows(0, 0, 0), first.Removed);
        Assert.Equal(new RemovedRows(0, 0, 0), second.Removed);
    }

    [Fact]
    public void Open_OtherPartyChanges_LeavesAPartysRowsAsTheyAre()
    {
        var north = Rows("n", users: 30) + Bot("busy", 6_000, seconds: 90) + Repeat("nu1,i0");
        var quiet = OpenParties(north, Rows("s", users: 20));
        var wild = OpenParties(north, Rows("s", users: 20) + Bot("wild", 9_000, seconds: 1) + string.Concat(Enumerable.Range(0, 50).Select(i => $"r{i},i{i % 9},{i * 100},{Start + (i * 1_000)}\n")));

        Assert.Equal(North(quiet), North(wild));
        Assert.DoesNotContain("busy", North(quiet), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ColumnOfParties_NormalizesEachPartyByItself()
    {
        var file = _folder.Write("ratings.csv", "user,item,rating,party\nu1,i1,1,stars\nu1,i2,5,stars\nu2,i1,20,percents\nu2,i2,100,percents\n");

        var data = DatasetSource.Open(new DatasetOptions { Path = file, NormalizeRatings = true, Clean = CleaningRules.Outliers });

        Assert.Equal(["stars", "percents"], data.Parties!.Names);
        Assert.Equal((0f, 0f), (data.Train.Ratings(0)[0], data.Train.Ratings(1)[0]));
    }

    [Fact]
    public void Open_NormalizedRatings_UseEachPartysOwnBounds()
    {
        Write("north", "user,item,rating\na,x,1\na,y,3\nb,x,5\n");
        Write("south", "user,item,rating\nc,x,0\nc,y,25\nd,x,100\n");
        Write("west", "user,item,rating\ne,x,7\nf,x,7\n");

        var data = DatasetSource.Open(new DatasetOptions { Path = _folder.Path, NormalizeRatings = true });

        float[] all = [.. Enumerable.Range(0, 6).SelectMany(user => data.Train.Ratings(user).ToArray().Concat(data.Test.Ratings(user).ToArray()))];
        Assert.Equal([0, 0.5f, 1, 0, 0.25f, 1, 1, 1], all);
    }

    [Fact]
    public void Open_NormalizedWithoutRatings_SaysSo()
    {
        var error = Assert.Throws<DatasetException>(() => DatasetSource.Open(new DatasetOptions { Path = _folder.Write("one.csv", "user,item\na,x\na,y\n"), NormalizeRatings = true }));
        Assert.Contains("no ratings", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("robots")]
    [InlineData("bots,")]
    [InlineData("bots,bots")]
    [InlineData("Bots")]
    public void Parse_OtherWords_NamesThoseThatAreKnown(string words)
    {
        var error = Assert.Throws<ArgumentException>(() => CleaningWords.Parse(words));
        Assert.Contains("duplicates, bots, outliers", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_EveryChoice_IsTheInverseOfOf()
    {
        Assert.All(Enumerable.Range(0, 8), rules => Assert.Equal((CleaningRules)rules, CleaningWords.Parse(CleaningWords.Of((CleaningRules)rules))));
    }

    private Dataset Open(string file, string rows, CleaningRules rules) =>
        DatasetSource.Open(new DatasetOptions { Path = _folder.Write(file, "user,item,rating,timestamp\n" + rows), Clean = rules });

    private Dataset OpenParties(string north, string south)
    {
        Write("north", "user,item,rating,timestamp\n" + north);
        Write("south", "user,item,rating,timestamp\n" + south);
        return DatasetSource.Open(new DatasetOptions { Path = _folder.Path, Clean = Everything, NormalizeRatings = true });
    }

    private void Write(string party, string rows) =>
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(_folder.Path, party)).FullName, "ratings.csv"), rows);

    private static string North(Dataset data)
    {
        var text = new StringBuilder();
        for (var user = 0; user < data.Users.Count; user++)
        {
            foreach (var split in data.Users[user].StartsWith("north/", StringComparison.Ordinal) ? new[] { data.Train, data.Test } : [])
            {
                text.AppendLine($"{data.Users[user]}: {string.Join(' ', split.Items(user).ToArray().Select(item => data.Items[item]))} {string.Join(' ', split.Ratings(user).ToArray())}");
            }
        }

        return text.ToString();
    }

    // Each user has 12 items, an event every 100 seconds.
    private static string Rows(string prefix, int users) => string.Concat(
        from user in Enumerable.Range(0, users)
        from item in Enumerable.Range(0, 12)
        select $"{prefix}u{user},i{(item * (user + 1)) % 13},{1 + ((user + item) % 5)},{Start + (((user * 12) + item) * 100)}\n");

    private static string Repeat(string userAndItem) => $"{userAndItem},2,{Start + 50_000}\n{userAndItem},2,{Start + 50_030}\n{userAndItem},2,{Start + 50_060}\n";

    private static string Bot(string user, int events, int seconds) =>
        string.Concat(Enumerable.Range(0, events).Select(i => $"{user},b{i},3,{Start + (i * seconds)}\n"));
}
