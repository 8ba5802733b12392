using System.Globalization;
using CsCheck;
using FedRec.Core.Data;
using FedRec.Core.Data.Cleaning;
using FedRec.Core.Data.Times;

namespace FedRec.Core.Tests.Data.Times;

public sealed class TimeTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("2020-09-01 11:27:43.599", "2020-09-01T11:27:43.599")]
    [InlineData("2020-09-01T11:27:43,599Z", "2020-09-01T11:27:43.599")]
    [InlineData("2019-10-01 00:00:00 UTC", "2019-10-01")]
    [InlineData("2019-10-01 02:00:00 +02:00", "2019-10-01")]
    [InlineData("2019-10-01T02:00:00.5+0200", "2019-10-01T00:00:00.5")]
    [InlineData("2019-10-01T02:00:00.5-07", "2019-10-01T09:00:00.5")]
    [InlineData("Fri Aug 25 13:55:02 -0700 2017", "2017-08-25T20:55:02")]
    [InlineData("Tue Apr 03 18:00:09 +0000 2012", "2012-04-03T18:00:09")]
    [InlineData("Fri Aug 25 13:55:02 2017", "2017-08-25T13:55:02")]
    [InlineData("Fri, 25 Aug 2017 13:55:02 GMT", "2017-08-25T13:55:02")]
    [InlineData("2016-05-09", "2016-05-09")]
    [InlineData("2016/5/9", "2016-05-09")]
    [InlineData("2016-05-09 7:03", "2016-05-09T07:03")]
    [InlineData("25 Aug 2017", "2017-08-25")]
    [InlineData("August 25, 2017", "2017-08-25")]
    [InlineData("09 13, 2009", "2009-09-13")]
    [InlineData("25.08.2017 10:00", "2017-08-25T10:00")]
    [InlineData("12/31/2010 8:26 PM", "2010-12-31T20:26")]
    [InlineData("1969-12-31T23:59:58.5Z", "1969-12-31T23:59:58.5")]
    [InlineData("1577836800.25", "2020-01-01T00:00:00.25")]
    [InlineData("1.5778368E9", "2020-01-01")]
    [InlineData("1577836800250", "2020-01-01T00:00:00.25")]
    [InlineData("1577836800250.5", "2020-01-01T00:00:00.2505")]
    [InlineData("1577836800250125", "2020-01-01T00:00:00.250125")]
    [InlineData("1577836800250125100", "2020-01-01T00:00:00.2501251")]
    [InlineData("20160509", "2016-05-09")]
    [InlineData("20160509135502", "2016-05-09T13:55:02")]
    public void Read_ATimeInAnyForm_IsThatInstant(string text, string instant)
    {
        var expected = DateTime.Parse(instant, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

        var (log, _) = Read($"user,item,time\nu,i,\"{text}\"\n");

        Assert.Equal((decimal)(expected - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond, (decimal)log.TimestampColumn[0] / log.TimeUnit.PerSecond());
    }

    [Theory]
    [InlineData("10-11")]
    [InlineData("2020-13-01")]
    [InlineData("2020-02-30")]
    [InlineData("2020-01-01T25:00")]
    [InlineData("2020-01-01 00:00:00 PST")]
    [InlineData("2020-01-01T00:00:00+1:0")]
    [InlineData("Fri Aug 25 13:55:02 -0700")]
    [InlineData("yesterday")]
    [InlineData("1e40")]
    [InlineData("NaN")]
    public void TryParse_WhatIsNoTime_IsRefused(string text) => Assert.False(TimeText.TryParse(text, out _));

    [Fact]
    public void Read_TheSameInstantsInAnyUnit_GivesTheSameOrderAndMeasures() => Gen.Long[1_000_000_000, 1_900_000_000].Array[2, 30].Sample(
        seconds =>
        {
            var shown = new[] { 1L, 1_000, 1_000_000, 1_000_000_000 }.Select(factor =>
            {
                var (log, _) = Read("user,item,time\n" + string.Concat(seconds.Select((time, row) => string.Create(CultureInfo.InvariantCulture, $"u{row % 3},i{row % 7},{time * factor}\n"))));
                return string.Join(',', log.TimestampColumn.ToArray().Select(time => log.TimeUnit.ToSeconds(time)));
            });

            Assert.Single(shown.Distinct());
        },
        iter: 30, threads: 1);

    [Fact]
    public void Open_TheSameEventsInAnyUnit_AreCleanedAlike()
    {
        var random = new Random(5);
        var rows = Enumerable.Range(0, 300).Select(row => (User: random.Next(12), Item: random.Next(9), Time: 1_433_912_532L + (random.Next(40) * 30))).ToArray();

        var removed = new[] { 1L, 1_000, 1_000_000, 1_000_000_000 }.Select(factor => DatasetSource.Open(new DatasetOptions
        {
            Path = _folder.Write("events.csv", "timestamp,visitorid,itemid\n" + string.Concat(rows.Select(row => $"{row.Time * factor},{row.User},{row.Item}\n"))),
            Clean = CleaningRules.Duplicates | CleaningRules.Bots | CleaningRules.Outliers,
        }).Report.Removed).ToList();

        Assert.True(removed[0]!.Duplicates > 0);
        Assert.Single(removed.Distinct());
    }

    [Theory]
    [InlineData("1,2,3", "numbers, taken for their order")]
    [InlineData("1577836800,1577836801", "seconds since 1970")]
    [InlineData("1577836800000,0", "milliseconds since 1970")] // one for the column: 0 is no reason for seconds
    [InlineData("0,1577836800000,1577836800001", "milliseconds since 1970")]
    [InlineData("1577836800000000", "microseconds since 1970")]
    [InlineData("1577836800000000000", "nanoseconds since 1970")]
    [InlineData("1577836800.5", "seconds with fractions since 1970")]
    [InlineData("20160509,20160510", "dates as whole numbers")]
    [InlineData("20160509,5", "numbers, taken for their order")]
    [InlineData("2016-05-09", "dates")]
    [InlineData("5/9/2016,25/8/2016", "dates (day/month/year)")]
    [InlineData("5/9/2016,8/25/2016", "dates (month/day/year)")]
    public void Open_AColumnOfTimes_SaysWhatTheyCount(string times, string words)
    {
        var (_, report) = Read("user,item,time\n" + string.Concat(times.Split(',').Select((time, row) => $"u,i{row},{time}\n")));

        Assert.Equal(words, Assert.Single(report.Files).Times);
    }

    [Fact]
    public void Open_DatesOfWhichSomeBeginWithTheDay_AreAllReadSo()
    {
        var (log, _) = Read("user,item,time\nu,a,5/9/2016 10:00\nu,b,25/8/2016\n");

        Assert.Equal([Seconds(2016, 9, 5) + 36_000, Seconds(2016, 8, 25)], log.TimestampColumn.ToArray());
    }

    [Fact]
    public void Open_DatesOfBothOrders_AreRefusedTogether() =>
        Assert.Contains("1 can only begin with a month", Assert.Throws<DatasetException>(() => Read("user,item,time\nu,a,8/25/2016\nu,b,25/8/2016\n")).Message, StringComparison.Ordinal);

    [Fact]
    public void Open_DatesThatTellNoOrder_AreReadWithANote()
    {
        var (_, report) = Read("user,item,time\nu,a,5/9/2016\n");

        Assert.Contains(report.Notes, note => note.StartsWith("Dates such as 5/9/2016 are read as month/day/year", StringComparison.Ordinal));
    }

    private static long Seconds(int year, int month, int day) => (new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Utc) - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond;

    private (InteractionLog Log, LoadReport Report) Read(string content)
    {
        var (log, tally) = DatasetSource.ReadRows(_folder.Write("a.csv", content), 0, new());
        return (log, tally.Report(0));
    }
}
